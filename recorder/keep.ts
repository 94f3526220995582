import { EVENT_KINDS, type RequestRow } from '../schemas/tables.ts'
import type { EventBuffers } from './event-log.ts'
import { type Redactor, redactor } from './timing-only.ts'

const [HEADERS, READ, END, ERROR, RETRY] = (
  ['headers', 'read', 'end', 'error', 'retry'] as const
).map(kind => EVENT_KINDS.indexOf(kind))

/** What of a batch may reach the disk: called in the writer thread, off the sender's. */
export type Keeper = (set: EventBuffers) => void

/**
 * `--keep raw`: everything but the run's own secrets, should a server repeat them in an answer.
 *
 * @param secrets  values that must not reach the disk; a repetition is overwritten with `x`
 */
export function keepRaw(secrets: readonly string[]): Keeper {
  const needles = secrets.map(secret => Buffer.from(secret))
  return ({ bytes, nBytes }) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, nBytes)
    for (const needle of needles)
      for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length))
        text.fill('x', at, at + needle.length)
  }
}

/** `--keep timing`: lengths and kinds only; of response headers the content's type and coding, of errors the code. */
export function keepTiming(): Keeper {
  const redactors = new Map<number, Redactor>()
  return set => {
    const { length, requestId, kind, offsets, bytes } = set
    for (let row = 0; row < length; row++) {
      const id = requestId[row]!
      const data = bytes.subarray(offsets[row], offsets[row + 1])
      if (kind[row] === READ) redactors.get(id)?.(data)
      else if (kind[row] === HEADERS) {
        const { 'content-type': type = '', 'content-encoding': encoding } = parsed(data)
        const stream = type.startsWith('text/event-stream')
        redactors.set(id, encoding ? opaque : redactor(stream))
        overwrite(data, {
          'content-type': type.split(';')[0]!,
          ...(encoding ? { 'content-encoding': named(encoding) } : {}),
        })
      } else if (kind[row] === ERROR || kind[row] === RETRY) {
        overwrite(data, { code: parsed(data)['code'] ?? '' })
        redactors.delete(id)
      } else if (kind[row] === END) redactors.delete(id)
    }
  }
}

/** The name of a coding where it is one; a header that says something else says it no longer. */
const named = (encoding: string): string =>
  /^(gzip|x-gzip|deflate|br|zstd)$/.test(encoding) ? encoding : 'x'.repeat(encoding.length)

const opaque: Redactor = bytes => {
  bytes.fill(0x78)
}

const parsed = (data: Uint8Array): Record<string, string> =>
  JSON.parse(Buffer.from(data).toString('utf8'))

/** Puts a smaller object in place of a JSON object, padded with spaces: offsets stay as they are. */
function overwrite(data: Uint8Array, object: Record<string, string>): void {
  const text = Buffer.from(JSON.stringify(object))
  if (text.length > data.length) throw new Error('an object grew as it was cut down')
  data.fill(0x20)
  data.set(text)
}

/** A request row as `--keep timing` keeps it. */
export const timingRow = (row: RequestRow): RequestRow => ({ ...row, body: null })
