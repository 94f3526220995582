import { UserError } from '../../schemas/errors.ts'
import { importedPlan, type LoadMode } from '../load.ts'
import type { Fields } from './fields.ts'
import { bareRequest, type ImportedRequest } from './importer.ts'

/**
 * Requests as parallel arrays, a place for each: what vLLM and SGLang write. Times are seconds; a failed
 * request has zeros. The gaps of `itls` are between messages, one fewer than there are.
 *
 * @throws UserError when an array is missing or has another length
 */
export function arraysOf(fields: Fields): {
  requests: Iterable<ImportedRequest>
  startsKnown: boolean
} {
  const ttfts = fields.needed('ttfts', fields.numbersOrNulls('ttfts'))
  const itls = fields.needed('itls', fields.numberLists('itls'))
  const arrays = {
    itls,
    errors: fields.texts('errors'),
    input_lens: fields.countsOrNulls('input_lens'),
    output_lens: fields.countsOrNulls('output_lens'),
    start_times: fields.numbers('start_times'),
    queue_times: fields.numbersOrNulls('queue_times'),
    latencies: fields.numbersOrNulls('latencies'),
  }
  const open = typeof fields.any('request_rate') === 'number' && !isInf(fields.any('request_rate'))
  for (const [name, list] of Object.entries(arrays))
    if (list && list.length !== ttfts.length)
      throw new UserError(
        `${fields.place} ${name} has ${list.length} values, ttfts ${ttfts.length}`,
        'each has one for each request: name the file as the tool wrote it',
      )
  const { errors, start_times: starts } = arrays
  const zero = starts ? starts.reduce((least, at) => Math.min(least, at), Infinity) : 0
  const ns = (seconds: number): number => Math.round(seconds * 1e9)

  const requestOf = (i: number): ImportedRequest => {
    const sentNs = starts ? ns(starts[i]! - zero) : 0
    const queued = open && starts ? (arrays.queue_times?.[i] ?? null) : null
    const [ttft, latency] = [ttfts[i]!, arrays.latencies?.[i] ?? 0]
    const known = ttft !== null
    const answered = !known || ttft > 0 || latency > 0
    // Without errors a failure is known by its zeros alone.
    const failed = errors ? errors[i] !== '' : !answered
    const content: ImportedRequest['content'] = []
    let after = known && ttft > 0 ? ttft : latency
    if (!known && !failed) content.push({ atNs: null, kind: 'other' })
    else if (answered && !failed) {
      content.push({ atNs: sentNs + ns(after), kind: 'other' })
      for (const gap of itls[i]!) {
        after += gap
        content.push({ atNs: sentNs + ns(after), kind: 'other' })
      }
    }
    return {
      ...bareRequest(sentNs),
      scheduledNs: queued === null ? null : ns(starts![i]! - zero - queued),
      streamed: !known || ttft > 0 || failed,
      content,
      failure: failed ? { code: 'unknown', detail: lastLine(errors?.[i] ?? '') } : null,
      inputTokens: arrays.input_lens?.[i] ?? null,
      outputTokens: failed ? null : (arrays.output_lens?.[i] ?? null),
    }
  }
  return {
    requests: {
      *[Symbol.iterator]() {
        for (const i of ttfts.keys()) yield requestOf(i)
      },
    },
    startsKnown: starts !== null,
  }
}

/** Python's tracebacks say what was wrong in their last line. */
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

/** The load, as both write it, in the shape of a plan of ours. */
export const planOf = (fields: Fields, mode: LoadMode | null): Record<string, unknown> =>
  importedPlan({ mode, concurrency: fields.count('max_concurrency') })

/**
 * How requests arrived: an unlimited rate is the word or the number "inf".
 *
 * @param burstiness  shape of the gamma distribution between them: unlimited is a constant beat; null is not known
 */
export function arrivalsOf(rate: unknown, burstiness: unknown): LoadMode | null {
  if (isInf(rate)) return { kind: 'closed-loop' }
  if (typeof rate !== 'number') return null
  const shape = typeof burstiness === 'number' && !isInf(burstiness) ? burstiness : null
  return {
    kind: 'open-loop',
    rate: [{ atNs: 0, perS: rate }],
    arrivalPattern: isInf(burstiness)
      ? 'constant'
      : shape === null
        ? null
        : shape === 1
          ? 'poisson'
          : 'gamma',
    arrivalSmoothness: shape ?? 1,
  }
}

const isInf = (value: unknown): boolean =>
  value === Number.POSITIVE_INFINITY || value === 'inf' || value === 'Infinity'
