import type { LoadPlan } from '../load-modes/load-mode.ts'

/**
 * What ends a phase, and nothing else knows it: the first of these to be reached.
 *
 * Counts hold over all lanes. A number of requests is a cap on what goes on the wire: with several shards each
 * has its part of it.
 */
export function stopOf(
  { stop, graceNs }: Pick<LoadPlan, 'stop' | 'graceNs'>,
  shard: { index: number; of: number },
) {
  const { sessions, requests, durationNs } = stop
  const ownRequests =
    requests === null ? Number.POSITIVE_INFINITY : partOf(requests, shard.index, shard.of)
  return {
    /** Whether session `index` begins, of sessions with one turn each: it is a request, too. */
    begins: (index: number, dueNs: number | null, manyTurns: boolean): boolean =>
      !(sessions !== null && index >= sessions) &&
      !(!manyTurns && requests !== null && index >= requests) &&
      !(dueNs !== null && durationNs !== null && dueNs >= durationNs),
    /** Whether another request may be made, after so many of this shard. */
    allows: (requestsMade: number): boolean => requestsMade < ownRequests,
    /** When sending ends in a phase that began at `startNs`. */
    closesNs: (startNs: number): number => startNs + (durationNs ?? Number.POSITIVE_INFINITY),
    /** When answers are no longer waited for. */
    abortsNs: (startNs: number): number =>
      startNs + (durationNs ?? Number.POSITIVE_INFINITY) + graceNs,
  }
}

/** How many of `count` numbers belong to shard `index` of `of`: index, index + of, index + 2 of … */
export const partOf = (count: number, index: number, of: number): number =>
  Math.max(0, Math.ceil((count - index) / of))
