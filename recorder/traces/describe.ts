import { UserError } from '../../schemas/errors.ts'
import { meanRate } from '../workloads/trace-times.ts'
import { ArrivalCounter, type Arrivals, niceWindowNs } from './arrivals.ts'
import { Counts } from './counts.ts'
import { firstDueNs } from './cut.ts'
import { PrefixReuse, type PrefixSharing } from './prefix-reuse.ts'
import type { TraceFile } from './trace-file.ts'

export type DescribeOptions = {
  /** Width of a window; null chooses one of which about 20 fill the span. */
  windowNs: number | null
  /** Sizes of LRU caches, in blocks. */
  cacheBlocks: number[]
}

export type Description = {
  file: string
  type: string
  notes: string[]
  nRequests: number
  nSessions: number
  nWithIds: number
  blockTokens: number
  /** null without times. */
  spanNs: number | null
  ratePerS: number | null
  /** Requests that have a time. */
  nTimed: number
  input: Counts
  output: Counts
  total: Counts
  /** null without times. */
  arrivals: Arrivals | null
  /** null without hash ids. */
  sharing: PrefixSharing | null
}

/** Windows of a description at most. */
const MOST_WINDOWS = 100_000
const WINDOWS = 20

/**
 * What a trace is like, in one pass over its requests. Of the requests nothing is kept: memory grows with
 * the number of different lengths and sessions, and with different blocks up to a bound.
 *
 * @throws UserError for windows too many to be told
 */
export function describeTrace(trace: TraceFile, options: DescribeOptions): Description {
  const { times } = trace
  const firstNs = times.n === 0 ? 0 : firstDueNs(trace)
  const spanNs = times.n === 0 ? null : Math.round(times.lastMs * 1e6) - firstNs
  const windowNs = options.windowNs ?? niceWindowNs(spanNs ?? 0, WINDOWS)
  if (spanNs !== null && spanNs / windowNs > MOST_WINDOWS)
    throw new UserError(
      `--window: ${Math.ceil(spanNs / windowNs).toLocaleString('en-US')} windows are too many`,
      'use a wider one',
    )
  const arrivals = spanNs === null ? null : new ArrivalCounter(firstNs, firstNs + spanNs, windowNs)
  const reuse =
    trace.nWithIds === 0 ? null : new PrefixReuse(options.cacheBlocks, trace.blockTokens)
  const [input, output, total] = [new Counts(), new Counts(), new Counts()]
  const sessions = new Set<string>()
  let nAlone = 0
  for (const { dueNs, inputTokens, outputTokens, hashIds, sessionId } of trace.rows()) {
    if (inputTokens !== null) input.add(inputTokens)
    if (outputTokens !== null) output.add(outputTokens)
    if (inputTokens !== null && outputTokens !== null) total.add(inputTokens + outputTokens)
    if (dueNs !== null) arrivals!.add(dueNs, inputTokens, outputTokens)
    if (hashIds) reuse!.add(hashIds, inputTokens!)
    if (sessionId === null) nAlone++
    else sessions.add(sessionId)
  }
  return {
    file: trace.file,
    type: trace.type,
    notes: trace.notes,
    nRequests: trace.nRequests,
    nSessions: nAlone + sessions.size,
    nWithIds: trace.nWithIds,
    blockTokens: trace.blockTokens,
    spanNs,
    ratePerS: meanRate(times),
    nTimed: times.n,
    input,
    output,
    total,
    arrivals: arrivals?.result() ?? null,
    sharing: reuse?.result() ?? null,
  }
}
