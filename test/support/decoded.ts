import { answer } from '../../analyzer/decode/answer.ts'
import type { Facts } from '../../analyzer/decode/content.ts'
import { MESSAGE_KINDS } from '../../analyzer/decode/messages-table.ts'
import { redactor } from '../../recorder/timing-only.ts'

export type Decoded = { kind: string; text?: string } & Pick<
  Facts,
  'finishReason' | 'usage' | 'error' | 'undecoded'
>

/** What an answer of these bytes says, message by message. Each event of a stream comes in a read of its own. */
export function decoded(text: string | Buffer, contentType = 'text/event-stream'): Decoded[] {
  const body = Buffer.from(text)
  const { rows, headers, read, end } = answer()
  headers(200, { 'content-type': contentType })
  for (const piece of body.toString('latin1').split(/(?<=\n\n)/)) {
    const bytes = Buffer.from(piece, 'latin1')
    read(1, bytes, 0, bytes.length)
  }
  end(true)
  return rows.kind.map((kind, row) => {
    const { finishReason, usage, error, undecoded } = rows.facts.get(row) ?? {}
    return {
      kind: MESSAGE_KINDS[kind]!,
      ...(rows.channel[row]! >= 0 ? { text: rows.text[row]! } : {}),
      ...(finishReason ? { finishReason } : {}),
      ...(usage ? { usage } : {}),
      ...(error ? { error } : {}),
      ...(undecoded ? { undecoded } : {}),
    }
  })
}

/** The same after `--keep timing`, without texts: nothing else may differ. */
export function redactedShape(body: string, contentType = 'text/event-stream') {
  const bytes = Buffer.from(body)
  redactor(contentType === 'text/event-stream')(bytes)
  return shapeOf(decoded(bytes, contentType))
}

/** Messages without what `--keep timing` takes from them. */
export const shapeOf = (messages: Decoded[]) =>
  messages.map(({ text, error, undecoded, ...rest }) => ({
    ...rest,
    content: text !== undefined,
    undecoded: undecoded !== undefined,
  }))

/** A stream of events, each under the name that is its `type`. */
export const named = (...events: { type: string; [key: string]: unknown }[]): string =>
  events.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

/** The same without names, as proxies pass it on. */
export const unnamed = (...events: unknown[]): string =>
  events.map(event => `data: ${JSON.stringify(event)}\n\n`).join('')
