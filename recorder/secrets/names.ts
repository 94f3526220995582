/** Words that say of a header, a parameter or a field that its value is a secret. */
const SECRET_WORDS = new Set(
  `authorization authentication key keys apikey accesskey secretkey subscriptionkey token accesstoken
   authtoken apitoken idtoken refreshtoken sessiontoken secret secrets clientsecret cookie cookies
   password passwords passwd passphrase passcode pwd credential credentials creds signature signatures
   sig jwt bearer`.split(/\s+/),
)

/** Names of tokens that a model knows, which nobody has to hide. */
const MODEL_TOKEN = /^(bos|eos|pad|unk|stop|mask|sep|cls|start|end|special)_tokens?(_|$)/i

/** The words of a name: split at what is no letter or digit, and where a capital begins one. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)

/**
 * Whether a header's name says that its value is a secret: by whole words, so that X-Tokenizer, X-Auth-Mode
 * and X-Keyboard-Layout are open. "auth" counts where it is the last word: what is before a word describes it.
 */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name)
  return words.at(-1) === 'auth' || words.some(word => SECRET_WORDS.has(word))
}

/** The same for a parameter of a URL, where the key of a function on Azure is called `code`. */
export const isSecretParameter = (name: string): boolean =>
  isSecretName(name) || name.toLowerCase() === 'code'

/**
 * The same for a field of a request's body. Only a text is a secret there, or a number where the last word says
 * so: `stop_token_ids` and `return_token_ids` are settings.
 */
export function isSecretField(name: string, value: unknown): boolean {
  if (!isSecretName(name) || MODEL_TOKEN.test(name)) return false
  return (
    typeof value === 'string' || (typeof value === 'number' && isSecretName(wordsOf(name).at(-1)!))
  )
}
