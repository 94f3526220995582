import type { Part } from './content.ts'

/**
 * The bytes around the content of a stream's messages.
 *
 * Within one stream most messages differ only in the text between the same two runs of bytes. Where
 * both match and a JSON string lies between, a message says exactly what full parsing would find.
 */
export type Template = { before: Buffer; after: Buffer; channel: Part['channel']; choice: number }

const KEYS: Record<Part['channel'], string[]> = {
  text: ['content', 'text'],
  reasoning: ['reasoning_content', 'reasoning', 'text'],
  tool: [],
  result: [],
  audio: [],
}

const FIELD = 'data: '
const END = '\n\n'

/** The template of a message that was parsed in full and holds nothing but this part. */
export function templateOf(data: string, { channel, choice, text }: Part): Template | undefined {
  for (const key of KEYS[channel])
    for (const opening of [`"${key}":"`, `"${key}": "`]) {
      const at = data.indexOf(opening)
      // Once, and after a brace or a comma: then it is the key, not something within a text.
      if (at < 1 || !'{, '.includes(data[at - 1]!) || data.indexOf(opening, at + 1) >= 0) continue
      const from = at + opening.length
      if (data.slice(from, from + text.length + 1) !== `${text}"`) return undefined
      return {
        before: Buffer.from(FIELD + data.slice(0, from)),
        after: Buffer.from(data.slice(from + text.length) + END),
        channel,
        choice,
      }
    }
  return undefined
}

const QUOTE = 34
const BACKSLASH = 92

/** The text of a read that is exactly one such message, or '' where it must be parsed. */
export function textBetween(
  { before, after }: Template,
  bytes: Buffer,
  start: number,
  end: number,
): string {
  const from = start + before.length
  const to = end - after.length
  if (from >= to) return ''
  let escaped = false
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!
    if (byte < 32) return ''
    if (byte === QUOTE || byte === BACKSLASH) escaped = true
  }
  if (before.compare(bytes, start, from) !== 0 || after.compare(bytes, to, end) !== 0) return ''
  const text = bytes.toString('utf8', from, to)
  return escaped ? unescaped(text) : text
}

/** What a JSON string says, or '' where the bytes are not one: then more than a text lies between. */
function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`)
  } catch {
    return ''
  }
}
