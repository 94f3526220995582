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
  return {
    /** Whether session `index` begins, of sessions with one turn each: it is a request, too. */
    begins: (index: number, dueNs: number | null, manyTurns: boolean): boolean =>
      !(sessions !== null && index >= sessions) &&
      !(!manyTurns && requests !== null && index >= requests) &&
      !(dueNs !== null && durationNs !== null && dueNs >= durationNs),
    /** How many requests this shard may put on the wire; Infinity is any number. */
    requests:
      requests === null ? Number.POSITIVE_INFINITY : partOf(requests, shard.index, shard.of),
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

/** The largest number of a cell: a phase without a cap never gets there. */
const NO_CAP = 0x7fff_ffff

/** How many requests each phase may still put on the wire, for all lanes of this process: one cell a phase. */
export const newBudgets = (
  phases: readonly { load: LoadPlan }[],
  shard: { index: number; of: number },
) => {
  const cells = new Int32Array(new SharedArrayBuffer(4 * phases.length))
  for (const [i, { load }] of phases.entries())
    cells[i] = Math.min(NO_CAP, stopOf(load, shard).requests)
  return cells
}

/** Takes one request from a phase's budget; false where it is used up. Exact over threads. */
export const takeFrom = (budgets: Int32Array, phase: number): boolean => {
  // Looked at first, so that lanes that go on asking never come below the least number of a cell.
  if (Atomics.load(budgets, phase) <= 0) return false
  return Atomics.sub(budgets, phase, 1) > 0
}
