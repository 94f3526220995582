import type { Tokenizer } from '../../schemas/tokenizer.ts'

type Counter = Pick<Tokenizer, 'count'>

/** Tokens of the bare text of messages, without what a chat template puts around them. */
export const tokensOfMessages = (messages: { content?: unknown }[], tokenizer: Counter): number =>
  messages.reduce((sum, { content }) => sum + tokensOfTexts(textsOf(content), tokenizer), 0)

export const tokensOfTexts = (texts: string[], tokenizer: Counter): number =>
  texts.reduce((sum, text) => sum + tokenizer.count(text), 0)

/** Fields of the bodies that servers know which hold the input, in the order they are looked for. */
const TEXT_FIELDS = ['prompt', 'input', 'inputs', 'query', 'passages', 'documents', 'texts']

/** Tokens of a body's input text; null where none is found in it. */
export function tokensOfPayload(
  payload: Record<string, unknown>,
  tokenizer: Counter,
): number | null {
  const texts = [...textsOf(payload['system']), ...textsOf(payload['instructions'])]
  const messages = payload['messages']
  if (Array.isArray(messages)) texts.push(...messages.flatMap(message => textsOf(message?.content)))
  for (const field of TEXT_FIELDS) texts.push(...textsOf(payload[field]))
  return texts.length === 0 ? null : tokensOfTexts(texts, tokenizer)
}

/** The output limit that a body states, under whichever name; null for none. */
export function outputTokensOfPayload(payload: Record<string, unknown>): number | null {
  const parameters = payload['parameters'] as Record<string, unknown> | undefined
  const limit =
    payload['max_completion_tokens'] ??
    payload['max_tokens'] ??
    payload['max_output_tokens'] ??
    parameters?.['max_new_tokens']
  return typeof limit === 'number' ? limit : null
}

/** The texts in a string, a list of strings, a list of parts `{text}`, or of messages `{content}`. */
function textsOf(content: unknown): string[] {
  if (typeof content === 'string') return [content]
  if (Array.isArray(content)) return content.flatMap(textsOf)
  if (content === null || typeof content !== 'object') return []
  const { text, content: inner } = content as { text?: unknown; content?: unknown }
  return typeof text === 'string' ? [text] : textsOf(inner)
}
