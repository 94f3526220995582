import { UserError } from '../schemas/errors.ts'
import type { PhasePlan } from './load-flags.ts'
import { isOpen } from './load-modes/load-mode.ts'
import { whole } from './option-values.ts'

/** Streams that one lane serves before a second is worth its cost, where there is a core for it. */
const STREAMS_PER_LANE = 500

/**
 * Lanes for a load: one, unless there are many streams and cores that neither the writer nor the
 * composer needs. Lanes beyond the free cores cost CPU and buy nothing (shared/reference/hot-path.md).
 */
export const defaultLanes = (streams: number, cores: number): number =>
  Math.max(1, Math.min(Math.floor(cores / 2), Math.ceil(streams / STREAMS_PER_LANE)))

/**
 * The lanes of a run, of each of its shards.
 *
 * Lanes and shards share each bound. In a closed loop a lane without a slot stands by; an open loop's lane, or one
 * that may begin no prompt, would hold its sessions for ever: there are no more lanes than the bound is.
 *
 * @throws UserError where there are more shards than a bound has places
 */
export function lanesOf(
  asked: string | undefined,
  phases: readonly PhasePlan[],
  shards: number,
  { streams, cores }: { streams: number; cores: number },
): number {
  const wanted =
    asked === undefined ? defaultLanes(streams / shards, cores) : whole('--lanes', asked, 1)
  const bounds = phases.flatMap(({ name, load }, i) => {
    const prefix = name === 'warmup' ? '--warmup-' : '--'
    const isLast = i === phases.length - 1
    return [
      [`${prefix}concurrency`, isOpen(load) || isLast ? load.concurrency : null],
      [`${prefix}prefill-concurrency`, load.prefillConcurrency],
    ] as const
  })
  let lanes = wanted
  for (const [flag, bound] of bounds) {
    if (bound === null) continue
    if (bound < shards)
      throw new UserError(
        `--shard: ${shards} shards share ${flag} ${bound}: some of them could send nothing`,
        `raise ${flag} to ${shards} or more, or use fewer shards`,
      )
    lanes = Math.min(lanes, Math.floor(bound / shards))
  }
  return lanes
}
