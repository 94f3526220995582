import { UserError } from '../../schemas/errors.ts'
import { LAST_HASH_ID } from '../workloads/hash-ids.ts'
import { firstDueNs } from './cut.ts'
import type { TraceFile } from './trace-file.ts'
import type { TraceRow } from './trace-row.ts'

export type Merge = {
  /** Times as they stand; otherwise each trace's first request is at 0. */
  keepTimes: boolean
  /** The same id in two traces is the same block; otherwise they share none. */
  shareIds: boolean
}

/**
 * Several traces as one, in order of time. Sessions stay apart.
 *
 * @throws UserError for traces without times, with blocks of different lengths, or with too many ids
 */
export function* merge(traces: TraceFile[], { keepTimes, shareIds }: Merge): Generator<TraceRow> {
  refuseBlocks(traces)
  let base = 0
  const sources = traces.map((trace, i) => {
    const firstNs = keepTimes ? 0 : firstDueNs(trace)
    const ownBase = shareIds ? 0 : base
    base += trace.lastId + 1
    if (ownBase + trace.lastId > LAST_HASH_ID)
      throw new UserError(
        `together the traces have ids beyond ${LAST_HASH_ID}`,
        '--share-ids keeps ids as they are',
      )
    return moved(trace.rows(), { firstNs, base: ownBase, prefix: `${i}/` })
  })
  const heads: IteratorResult<TraceRow, void>[] = sources.map(source => source.next())
  for (;;) {
    let first: { i: number; row: TraceRow } | undefined
    for (const [i, head] of heads.entries())
      if (!head.done && (!first || dueOf(head.value) < dueOf(first.row)))
        first = { i, row: head.value }
    if (!first) return
    yield first.row
    heads[first.i] = sources[first.i]!.next()
  }
}

/** A request that waits for an answer follows the one above it at once. */
const dueOf = ({ dueNs }: TraceRow): number => dueNs ?? Number.NEGATIVE_INFINITY

function* moved(
  rows: Iterable<TraceRow>,
  { firstNs, base, prefix }: { firstNs: number; base: number; prefix: string },
): Generator<TraceRow, void> {
  for (const row of rows)
    yield {
      ...row,
      dueNs: row.dueNs === null ? null : row.dueNs - firstNs,
      sessionId: row.sessionId === null ? null : prefix + row.sessionId,
      hashIds: base === 0 || !row.hashIds ? row.hashIds : row.hashIds.map(id => id + base),
    }
}

function refuseBlocks(traces: TraceFile[]): void {
  const [first, other] = traces
    .filter(({ nWithIds }) => nWithIds > 0)
    .filter(({ blockTokens }, i, all) => i === 0 || blockTokens !== all[0]!.blockTokens)
  if (first && other)
    throw new UserError(
      `${first.file} has blocks of ${first.blockTokens} tokens, ${other.file} of ${other.blockTokens}`,
      'merge traces with the same blocks; --isl-block-size says what they are',
    )
}
