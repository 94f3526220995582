import { EVENT_KINDS, type RequestRow } from '../schemas/tables.ts'
import type { EventBuffers } from './event-log.ts'
import { blanking, type Keeper } from './secrets/blanking.ts'
import { needlesOf } from './secrets/forms.ts'
import { blankingOf, textBlankingOf } from './secrets/overwrite.ts'
import type { Kept } from './secrets/pieces.ts'
import { type Redactor, redactor } from './timing-only.ts'

const [HEADERS, READ, END, ERROR, RETRY] = (
  ['headers', 'read', 'end', 'error', 'retry'] as const
).map(kind => EVENT_KINDS.indexOf(kind))

const NONE: ReadonlyMap<number, number> = new Map()

/**
 * `--keep raw`: everything but the run's own secrets, should a server repeat them in an answer.
 *
 * @param secrets  values that must not reach the disk; a repetition is overwritten
 */
export function keepRaw(secrets: readonly string[]): Keeper {
  if (secrets.length > 0) return blanking(needlesOf(secrets))
  return { take: set => [{ set, blanked: NONE }], holds: () => false, release: () => [] }
}

/**
 * `--keep timing`: lengths and kinds only; of response headers the content's type and coding, of errors the code.
 * Secrets are taken out before, since names of fields and kinds of messages stay.
 */
export function keepTiming(secrets: readonly string[]): Keeper {
  const raw = keepRaw(secrets)
  const redactors = new Map<number, Redactor>()
  const withoutText = (kept: Kept[]): Kept[] => {
    for (const { set } of kept) takeText(set, redactors)
    return kept
  }
  return {
    take: set => withoutText(raw.take(set)),
    holds: raw.holds,
    release: () => withoutText(raw.release()),
  }
}

function takeText(set: EventBuffers, redactors: Map<number, Redactor>): void {
  const { length, requestId, kind, offsets, bytes } = set
  for (let row = 0; row < length; row++) {
    const id = requestId[row]!
    const data = bytes.subarray(offsets[row], offsets[row + 1])
    if (kind[row] === READ) redactors.get(id)?.(data)
    else if (kind[row] === HEADERS) {
      const found = parsed(data)
      const [type, encoding] = [oneText(found['content-type']), oneText(found['content-encoding'])]
      const stream = type?.startsWith('text/event-stream') ?? false
      redactors.set(id, encoding ? opaque : redactor(stream))
      // An answer without a type stays one: a refusal without a body usually is.
      overwrite(data, {
        ...(type === undefined ? {} : { 'content-type': typeNamed(type.split(';')[0]!) }),
        ...(encoding ? { 'content-encoding': named(encoding) } : {}),
      })
    } else if (kind[row] === ERROR || kind[row] === RETRY) {
      const code = oneText(parsed(data)['code'])
      overwrite(data, code === undefined ? {} : { code })
      redactors.delete(id)
    } else if (kind[row] === END) redactors.delete(id)
  }
}

/** The name of a coding where it is one; a header that says something else says it no longer. */
const named = (encoding: string): string =>
  /^(gzip|x-gzip|deflate|br|zstd)$/.test(encoding) ? encoding : 'x'.repeat(encoding.length)

/** The same for a type. */
const typeNamed = (type: string): string =>
  /^(text|application)\/[a-z.+-]{1,32}$/i.test(type.trim()) ? type : 'x'.repeat(type.length)

const opaque: Redactor = bytes => {
  bytes.fill(0x78)
}

const parsed = (data: Uint8Array): Record<string, string | string[]> =>
  JSON.parse(Buffer.from(data).toString('utf8'))

/** A header that was sent several times: undici gives a list. */
const oneText = (found: string | string[] | undefined): string | undefined =>
  Array.isArray(found) ? found.join(', ') : found

/** Puts a smaller object in place of a JSON object, padded with spaces: offsets stay as they are. */
function overwrite(data: Uint8Array, object: Record<string, string>): void {
  const text = Buffer.from(JSON.stringify(object))
  if (text.length > data.length) throw new Error('an object grew as it was cut down')
  data.fill(0x20)
  data.set(text)
}

/** What of a request's row may reach the disk: its texts and its body may hold a secret too. */
export function requestKeeper(
  keep: 'raw' | 'timing',
  secrets: readonly string[],
): (row: RequestRow) => RequestRow {
  const needles = needlesOf(secrets)
  const blankIn = blankingOf(needles)
  const blanked = textBlankingOf(needles)
  return row => {
    const body = row.body && keep === 'raw' ? Buffer.from(row.body) : null
    if (body) blankIn(body)
    return {
      ...row,
      session_id: blanked(row.session_id).text,
      model: blanked(row.model).text,
      url: blanked(row.url).text,
      body,
    }
  }
}
