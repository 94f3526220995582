import type { Ask, Message } from './endpoint.ts'

/**
 * The messages of a conversation, without the system prompt.
 *
 * @param partType  what the wire format calls a part of text, needed where a turn has several texts
 */
export function conversationOf(ask: Ask, partType = 'text'): Message[] {
  const { history, messages, texts } = ask
  if (messages) return messages
  if (texts.length === 0) return history
  const content = texts.length === 1 ? texts[0] : texts.map(text => ({ type: partType, text }))
  return [...history, { role: 'user', content }]
}

/** The same with the system prompt in front, as OpenAI's chat has it. */
export const withSystem = (ask: Ask): Message[] => [
  ...(ask.system === null ? [] : [{ role: 'system', content: ask.system }]),
  ...conversationOf(ask),
]

/**
 * A conversation for a wire format without roles: one prompt for each text.
 *
 * Everything that came before stands in front of each, joined without a separator, so that the
 * tokens of the whole are those of its pieces.
 */
export function promptsOf({ system, history, messages, texts }: Ask): string[] {
  const before = [
    system ?? '',
    ...(messages ?? history).map(({ content }) => textOf(content)),
  ].join('')
  return messages ? [before] : texts.map(text => before + text)
}

/** The text of a message's content, whether it is one or a list of parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map(part => textOf((part as { text?: unknown } | null)?.text)).join('')
}
