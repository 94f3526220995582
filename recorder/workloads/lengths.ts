import { normal, randomFor } from '../random.ts'
import { pairAt } from './sequence-distribution.ts'
import type { Spread, WorkloadPlan } from './workload-plan.ts'

/** Draws before a length that does not fit into the context is cut to fit. */
const DRAWS = 100

/** Who draws: everything that is drawn depends on these alone. */
export type Draw = { seed: number; entry: number; turn: number }

/**
 * The stream of one purpose. The first turn's has the purpose's plain name, so that runs of one turn
 * draw the same with and without the options for several.
 */
export const streamOf = (purpose: string, { seed, entry, turn }: Draw): (() => number) =>
  randomFor(seed, turn === 0 ? purpose : `${purpose}/${turn}`, entry)

/**
 * Lengths of one turn: an input length for each text of the batch and one output limit.
 *
 * Lengths that do not fit into `room` are drawn anew.
 */
export function lengthsOf(
  plan: WorkloadPlan,
  draw: Draw,
  room: number = Number.POSITIVE_INFINITY,
): { inputTokens: number[]; outputTokens: number | null } {
  const pair = plan.pairs && pairAt(plan.pairs, streamOf('seq-dist', draw)())
  const input = pair ? { mean: pair.isl, stddev: pair.islStddev } : plan.inputTokens
  const output = pair ? { mean: pair.osl, stddev: pair.oslStddev } : plan.outputTokens
  const outputRandom = streamOf('osl', draw)
  const inputRandoms = Array.from({ length: plan.batchSize }, (_, i) =>
    streamOf(i === 0 ? 'isl' : `isl/batch/${i}`, draw),
  )
  const drawn = (spread: Spread, random: () => number): number =>
    plan.rangeRatio === null
      ? natural(spread, random)
      : uniform(spread.mean, plan.rangeRatio, random)
  for (let i = 0; ; i++) {
    const outputTokens =
      output.mean === null
        ? null
        : drawn({ mean: output.mean, stddev: output.stddev }, outputRandom)
    const inputTokens = inputRandoms.map(random => drawn(input, random))
    if (Math.max(...inputTokens) + (outputTokens ?? 0) <= room || i === DRAWS)
      return { inputTokens, outputTokens }
  }
}

/** A positive whole number, normal. A spread of 0 draws nothing. */
export function natural({ mean, stddev }: Spread, random: () => number): number {
  return stddev === 0
    ? Math.max(1, Math.round(mean))
    : Math.max(1, Math.round(normal(random, mean, stddev)))
}

/** Whole numbers from (1 - ratio) to (1 + ratio) times the mean, both ends included, at least 1. */
function uniform(mean: number, ratio: number, random: () => number): number {
  const { least, most } = rangeOf(mean, ratio)
  return least + Math.floor(random() * (most - least + 1))
}

export const rangeOf = (mean: number, ratio: number): { least: number; most: number } => ({
  least: Math.max(1, Math.floor(mean * (1 - ratio))),
  most: Math.max(1, Math.ceil(mean * (1 + ratio))),
})
