import { UserError } from '../../schemas/errors.ts'
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
  const ttfts = fields.needed('ttfts', fields.numbers('ttfts'))
  const itls = fields.needed('itls', fields.numberLists('itls'))
  const arrays = {
    itls,
    errors: fields.texts('errors'),
    input_lens: fields.counts('input_lens'),
    output_lens: fields.counts('output_lens'),
    start_times: fields.numbers('start_times'),
    latencies: fields.numbers('latencies'),
  }
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
    const [ttft, latency] = [ttfts[i]!, arrays.latencies?.[i] ?? 0]
    const answered = ttft > 0 || latency > 0
    // Without errors a failure is known by its zeros alone.
    const failed = errors ? errors[i] !== '' : !answered
    const content: ImportedRequest['content'] = []
    let after = ttft > 0 ? ttft : latency
    if (answered && !failed) {
      content.push({ atNs: sentNs + ns(after), kind: 'other' })
      for (const gap of itls[i]!) {
        after += gap
        content.push({ atNs: sentNs + ns(after), kind: 'other' })
      }
    }
    return {
      ...bareRequest(sentNs),
      streamed: ttft > 0 || failed,
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

/** The load, as both write it: an unlimited rate is the word or the number "inf". */
export function loadOf(fields: Fields): Record<string, unknown> {
  const raw = fields.any('request_rate')
  return {
    ...(fields.has('max_concurrency') ? { concurrency: fields.count('max_concurrency') } : {}),
    ...(typeof raw === 'number' ? { requestRate: raw } : {}),
  }
}
