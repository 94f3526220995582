import { UserError } from '../../schemas/errors.ts'
import type { TraceFile } from './trace-file.ts'
import type { TraceRow } from './trace-row.ts'

export type Cut = {
  /** ns since the trace's first request; half open. */
  fromNs: number
  toNs: number
  speedup: number
}

/**
 * The requests due in [from, to) after the first, their times counted from `from` and divided by the
 * speed-up. A request that waits for an answer goes where the last timed one of its session went.
 *
 * @throws UserError for a trace without times
 */
export function* cut(trace: TraceFile, { fromNs, toNs, speedup }: Cut): Generator<TraceRow> {
  const firstNs = firstDueNs(trace)
  const kept = new Map<string, boolean>()
  for (const row of trace.rows()) {
    const atNs = row.dueNs === null ? null : row.dueNs - firstNs
    const isIn =
      atNs === null
        ? row.sessionId !== null && kept.get(row.sessionId) === true
        : atNs >= fromNs && atNs < toNs
    if (row.sessionId !== null) kept.set(row.sessionId, isIn)
    if (!isIn) continue
    yield {
      ...row,
      dueNs: atNs === null ? null : Math.round((atNs - fromNs) / speedup),
      delayMs: row.delayMs / speedup,
    }
  }
}

/** @throws UserError for a trace without times */
export function firstDueNs({ file, times }: TraceFile): number {
  if (times.n === 0)
    throw new UserError(`${file} has no times`, 'traces have; --type says what a file is')
  return Math.round(times.firstMs * 1e6)
}
