import { isCommonWord } from './common-words.ts'

/** A shorter text stands in any answer by chance. */
const LEAST_CHARACTERS = 6
/** A shorter number may be any number of an answer: a time, a count, an identifier. */
const LEAST_DIGITS = 12

/**
 * Whether a secret may be looked for in what a server says. One that is too short, a common word or a short number
 * would blank what is none: it is left out of headers, URLs and flags by its place alone.
 */
export const isSearchable = (secret: string): boolean =>
  secret.length >= LEAST_CHARACTERS &&
  !(isNumber(secret) && secret.length < LEAST_DIGITS) &&
  !isCommonWord(secret)

const isNumber = (text: string): boolean => /^[+-]?[\d.,]+$/.test(text)

/**
 * The byte sequences that stand for a secret: itself, and as it is in JSON, in a URL and in base64.
 *
 * The longest come first. JSON is written by each library in its own way, and text in JSON in JSON is escaped twice.
 */
export function needlesOf(secrets: readonly string[]): Buffer[] {
  const forms = new Map<string, Buffer>()
  for (const secret of secrets)
    for (const form of [
      Buffer.from(secret),
      // As a header's bytes have it.
      Buffer.from(secret, /^[\0-\xff]*$/.test(secret) ? 'latin1' : 'utf8'),
      ...[...inJson(secret), ...inUrls(Buffer.from(secret))].map(text => Buffer.from(text)),
      ...inBase64(Buffer.from(secret)),
    ])
      forms.set(form.toString('latin1'), form)
  return [...forms.values()].sort((a, b) => b.length - a.length)
}

const NON_ASCII = /[\u0080-\uffff]/g
/** What PHP, Python, Go and .NET escape beside what JSON demands. */
const ESCAPED: [characters: RegExp, escaped: (character: string) => string][] = [
  [/\//g, () => '\\/'],
  [NON_ASCII, unicode],
  [/[\u0080-\uffff/]/g, character => (character === '/' ? '\\/' : unicode(character))],
  [/[<>&\u2028\u2029]/g, unicode],
  [/\\"|[<>&'+`\u0080-\uffff]/g, character => unicode(character.slice(-1), true)],
]

function unicode(character: string, upper = false): string {
  const hex = character.charCodeAt(0).toString(16).padStart(4, '0')
  return `\\u${upper ? hex.toUpperCase() : hex}`
}

function inJson(secret: string): string[] {
  const plain = JSON.stringify(secret).slice(1, -1)
  const once = [
    plain,
    ...ESCAPED.map(([characters, escaped]) => plain.replace(characters, one => escaped(one))),
  ]
  const every = [false, true].map(upper => secret.replace(/./gs, one => unicode(one, upper)))
  return [...once, ...once.map(text => JSON.stringify(text).slice(1, -1)), ...every]
}

/** Bytes that stay as they are: RFC 3986, encodeURIComponent, Python's quote, encodeURI, forms; and none. */
const UNESCAPED = [
  /[\w.~-]/,
  /[\w.~!'()*-]/,
  /[\w.~/-]/,
  /[\w.~!'()*;,/?:@&=+$#-]/,
  /[\w.*-]/,
  /(?!)/,
]

function inUrls(bytes: Buffer): string[] {
  const characters = [...bytes.toString('latin1')]
  return UNESCAPED.flatMap(kept =>
    [false, true].flatMap(lower => {
      const percent = characters.map(one => {
        const hex = Buffer.from(one, 'latin1').toString('hex')
        return kept.test(one) ? one : `%${lower ? hex : hex.toUpperCase()}`
      })
      const text = percent.join('')
      return [text, text.replaceAll('%20', '+')]
    }),
  )
}

/**
 * A secret in base64, alone or in the middle of something: what comes before it shifts it by 0, 1 or 2 bytes. Only
 * characters of which every bit is the secret's are looked for: one at each end may stay.
 */
function inBase64(bytes: Buffer): Buffer[] {
  return [0, 1, 2].flatMap(shift => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    const own = whole.slice(
      Math.ceil((shift * 8) / 6),
      Math.floor(((shift + bytes.length) * 8) / 6),
    )
    const forUrls = own.replaceAll('+', '-').replaceAll('/', '_')
    return [own, forUrls].map(text => Buffer.from(text))
  })
}
