import { UserError } from '../../schemas/errors.ts'
import { LAST_HASH_ID } from '../workloads/hash-ids.ts'
import { meanRate } from '../workloads/trace-times.ts'
import { firstDueNs } from './cut.ts'
import type { TraceFile } from './trace-file.ts'
import { hasText, type TraceRow } from './trace-row.ts'

export type Scale = {
  /** Requests a second on average; null keeps the times. */
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
  const speedup = speedupOf(trace, by.ratePerS)
  const firstNs = trace.times.n === 0 ? 0 : firstDueNs(trace)
  const fresh = freshIds(trace.lastId + 1)
  for (const row of trace.rows()) {
    const scaled = withLengths(row, by, trace.blockTokens, fresh)
    if (by.maxInputTokens !== null && (scaled.inputTokens ?? 0) > by.maxInputTokens) continue
    yield {
      ...scaled,
      dueNs: row.dueNs === null ? null : Math.round((row.dueNs - firstNs) / speedup),
      delayMs: row.delayMs / speedup,
    }
  }
}

function speedupOf(trace: TraceFile, ratePerS: number | null): number {
  if (ratePerS === null) return 1
  const rate = meanRate(trace.times)
  if (rate === null)
    throw new UserError(
      `--rate: ${trace.file} has no two times to make a rate of`,
      'traces have; --type says what a file is',
    )
  return ratePerS / rate
}

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
  const inputTokens = Math.max(1, Math.round(row.inputTokens * input))
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
