import { isOpen, type LoadMode } from '../load-modes/load-mode.ts'
import { loadModeOf } from '../load-modes/load-mode-of.ts'
import type { PhasePlan, Plan } from '../plan.ts'
import type { Workload } from '../workloads/workload.ts'
import { stopOf } from './stop.ts'

/** Ids of the warm-up's requests begin here, so that they never move those that count. */
export const WARMUP_IDS = 0x8000_0000

/** A session that begins: its number in the phase, and which of the workload's it is. */
export type Begun = { index: number; place: number; dueNs: number | null; turnsDone: number }

/**
 * Which session is next, and which ids its requests have: the scheduler as the composer asks it.
 *
 * It stands in one thread for all lanes, so its counts are exact whatever the lanes' speed.
 */
export function agenda(plan: Plan, phase: PhasePlan, workload: Workload) {
  const { load } = phase
  const open = isOpen(load)
  const stop = stopOf(load, plan.shard)
  const mode: LoadMode = loadModeOf(load.mode, { workload, seed: plan.seed, phase: phase.name })
  const firstId = phase.name === 'warmup' ? WARMUP_IDS : 0
  const begun = Array(plan.lanes + 1).fill(0) as number[]
  let made = 0

  // A warm-up takes other sessions than the load that is measured: a server may have cached what it saw.
  const placeOf = (place: number): number => {
    if (phase.name === 'profiling') return place
    return workload.size === null ? WARMUP_IDS + place : workload.size - 1 - (place % workload.size)
  }

  return {
    /**
     * The next session of a lane; undefined where the phase has no other.
     *
     * A closed loop gives sessions in the order of asking, so its stop is exact; in an open loop each lane has
     * every n-th, so that all of them are busy at any time.
     */
    next(lane: number): Begun | undefined {
      const counter = open ? lane : plan.lanes
      const own = open ? begun[counter]! * plan.lanes + lane : begun[counter]!
      const index = own * plan.shard.of + plan.shard.index
      const start = mode.session(index)
      if (!start || !stop.begins(index, start.dueNs, plan.multiTurn)) return undefined
      begun[counter]!++
      return { ...start, index, place: placeOf(start.place) }
    },
    /**
     * The id of a session's next request: where a session is one request, the session's number; else ids count the
     * requests that were made, of which the last may not be sent.
     */
    nextId({ index }: Pick<Begun, 'index'>): number {
      const own = made++
      return firstId + (plan.multiTurn ? own * plan.shard.of + plan.shard.index : index)
    },
    turn: mode.turn,
  }
}
