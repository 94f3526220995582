import { mean } from './permutation.ts'

/** Ranks on each side of a percentile whose prompts stand for it: 5 of 100. */
export const WINDOW = 0.05

/**
 * One statistic a run, in logarithms, of runs that asked the same prompts: how far its prompts are, on
 * average, from what each of them took over all runs.
 *
 * What a prompt's length or its place in the queue does to every run alike falls out. For a percentile only the
 * prompts near it count, in the order of their geometric means over all runs: for p99 the slowest 6 of 100.
 * Which these are does not depend on which run is of which side, so a permutation test of the result is exact.
 *
 * @param runs      a value above 0 for each prompt, the prompts in the same order in every run
 * @param quantile  from 0 to 1; undefined: all prompts
 */
export function pairedStatistics(
  runs: readonly (readonly number[])[],
  quantile: number | undefined,
): number[] {
  const logs = runs.map(values => Float64Array.from(values, Math.log))
  const prompts = promptsNear(logs, quantile)
  const means = prompts.map(prompt => mean(logs.map(run => run[prompt]!)))
  return logs.map(run => mean(prompts.map((prompt, i) => run[prompt]! - means[i]!)))
}

/**
 * The logarithm of each prompt's ratio between two sides, of the prompts that stand for a percentile, in the
 * order of the prompts.
 */
export function promptRatios(
  base: readonly (readonly number[])[],
  fresh: readonly (readonly number[])[],
  quantile: number | undefined,
): number[] {
  const logs = [...base, ...fresh].map(values => Float64Array.from(values, Math.log))
  return promptsNear(logs, quantile).map(
    prompt =>
      mean(logs.slice(base.length).map(run => run[prompt]!)) -
      mean(logs.slice(0, base.length).map(run => run[prompt]!)),
  )
}

/** The prompts whose rank is near a quantile, in their own order. */
function promptsNear(logs: Float64Array[], quantile: number | undefined): number[] {
  const n = logs[0]!.length
  const all = Array.from({ length: n }, (_, prompt) => prompt)
  if (quantile === undefined) return all
  const sums = all.map(prompt => logs.reduce((sum, run) => sum + run[prompt]!, 0))
  const ranked = [...all].sort((a, b) => sums[a]! - sums[b]! || a - b)
  // Rounded, since 0.55 x 100 is a little more than 55.
  const from = Math.max(0, Math.floor((quantile - WINDOW) * n + 1e-9))
  const to = Math.min(n, Math.ceil((quantile + WINDOW) * n - 1e-9))
  return ranked.slice(from, Math.max(to, from + 1)).sort((a, b) => a - b)
}
