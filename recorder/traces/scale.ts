import { UserError } from '../../schemas/errors.ts'
import { LAST_HASH_ID } from '../workloads/hash-ids.ts'
import { meanRate, NO_TIMES, type Times, timesWith } from '../workloads/trace-times.ts'
import { firstDueNs } from './cut.ts'
import type { TraceFile } from './trace-file.ts'
import { hasText, type TraceRow } from './trace-row.ts'

export type Scale = {
  /** Requests a second on average, of those that are kept; null keeps the times. */
  ratePerS: number | null
  input: number
  output: number
  /** Longer inputs are left out; null leaves none out. */
  maxInputTokens: number | null
  /** Longer outputs are cut to it. */
  maxOutputTokens: number | null
}

/**
 * The same requests at another rate, with other lengths. A prompt that grows gets blocks at its end that
 * no other has; one that shrinks loses its last ones: what two share at their beginning they still share.
 *
 * @throws UserError for a rate without times, or lengths of a request that has text
 */
export function* scale(trace: TraceFile, by: Scale): Generator<TraceRow> {
  const { speedup, firstNs } = timingOf(trace, by)
  const fresh = freshIds(trace.lastId + 1)
  for (const row of trace.rows()) {
    const scaled = withLengths(row, by, trace.blockTokens, fresh)
    if (isTooLong(scaled.inputTokens, by)) continue
    yield {
      ...scaled,
      dueNs: row.dueNs === null ? null : Math.round((row.dueNs - firstNs) / speedup),
      delayMs: row.delayMs / speedup,
    }
  }
}

/** By what times are divided and when they begin: a rate is that of the requests that are kept, whose first is at 0. */
function timingOf(trace: TraceFile, by: Scale): { speedup: number; firstNs: number } {
  if (by.ratePerS === null)
    return { speedup: 1, firstNs: trace.times.n === 0 ? 0 : firstDueNs(trace) }
  const times = by.maxInputTokens === null ? trace.times : timesKept(trace, by)
  const rate = meanRate(times)
  if (rate === null)
    throw new UserError(
      by.maxInputTokens === null
        ? `--rate: ${trace.file} has no two times to make a rate of`
        : `--rate: ${trace.file} has no two times to make a rate of within --max-isl ${by.maxInputTokens}`,
      'traces have; --type says what a file is',
    )
  return { speedup: by.ratePerS / rate, firstNs: Math.round(times.firstMs * 1e6) }
}

function timesKept(trace: TraceFile, by: Scale): Times {
  let times = NO_TIMES
  for (const { dueNs, inputTokens } of trace.rows())
    if (dueNs !== null && !isTooLong(lengthened(inputTokens, by), by))
      times = timesWith(times, dueNs / 1e6)
  return times
}

const isTooLong = (inputTokens: number | null, { maxInputTokens }: Scale): boolean =>
  maxInputTokens !== null && (inputTokens ?? 0) > maxInputTokens

const lengthened = (inputTokens: number | null, { input }: Pick<Scale, 'input'>): number | null =>
  inputTokens === null || input === 1 ? inputTokens : Math.max(1, Math.round(inputTokens * input))

function withLengths(
  row: TraceRow,
  { input, output, maxOutputTokens }: Scale,
  blockTokens: number,
  fresh: () => number,
): TraceRow {
  const longest = maxOutputTokens ?? Number.POSITIVE_INFINITY
  const outputTokens =
    row.outputTokens === null
      ? null
      : Math.min(longest, Math.max(1, Math.round(row.outputTokens * output)))
  if (input === 1) return { ...row, outputTokens }
  if (hasText(row) || row.inputTokens === null)
    throw new UserError(
      '--input-factor: a prompt that is text cannot be made longer or shorter',
      'traces of lengths can',
    )
  const inputTokens = lengthened(row.inputTokens, { input })!
  const hashIds = row.hashIds && blocksOf(row.hashIds, Math.ceil(inputTokens / blockTokens), fresh)
  return { ...row, outputTokens, inputTokens, hashIds }
}

const blocksOf = (ids: number[], n: number, fresh: () => number): number[] =>
  n <= ids.length ? ids.slice(0, n) : [...ids, ...Array.from({ length: n - ids.length }, fresh)]

/** Ids that nothing has yet. */
export function freshIds(first: number): () => number {
  let next = first
  return () => {
    if (next > LAST_HASH_ID)
      throw new UserError(
        `more blocks than there are ids (${LAST_HASH_ID})`,
        'use a smaller factor',
      )
    return next++
  }
}
