import { quantile } from '../../analyzer/statistics/bootstrap.ts'
import { type Change, compareRuns, judgeTogether } from '../../analyzer/statistics/compare.ts'
import { mean } from '../../analyzer/statistics/permutation.ts'
import { type Noise, queuePlan, queueRun } from './batch-queue.ts'

/** Percentiles of the time to first token that are gated together, as `diff` does by default. */
export const PERCENTS = [50, 95, 99] as const
export const TOLERANCE = 0.03
const RATE_PER_S = 8
/** Runs that a slow-down is fitted by. */
const FITTED_BY = 60

/** Servers, by what varies from run to run. */
export const NOISE: Record<string, Noise> = {
  quiet: { perRun: 0.003, wandering: 0.005, perStep: 0.03, stallsPerS: 0 },
  ordinary: { perRun: 0.01, wandering: 0.01, perStep: 0.05, stallsPerS: 1 / 30 },
  noisy: { perRun: 0.03, wandering: 0.03, perStep: 0.1, stallsPerS: 1 / 10 },
}

/** A run that is asked for: the plan's seed, its own, its size, and how slow every step is. */
export type Asked = { plan: number; seed: number; requests: number; slower: number; noise: Noise }

/** Times to first token, s. */
export const ttftOf = ({ plan, seed, requests, slower, noise }: Asked): number[] =>
  queueRun(queuePlan(plan, requests, RATE_PER_S), seed, slower, noise)

/** A run's gated percentiles. */
export function statisticsOf(ttft: readonly number[]): number[] {
  const sorted = Float64Array.from(ttft).sort()
  return PERCENTS.map(percent => quantile(sorted, percent / 100))
}

export type Side = readonly (readonly number[])[]

/** What `diff` says of each percentile of two sides, a row of statistics a run. */
export function changesOf(base: Side, fresh: Side): Change['change'][] {
  const compared = PERCENTS.map((_, i) =>
    compareRuns({ base: base.map(run => run[i]!), fresh: fresh.map(run => run[i]!) }),
  )
  const rules = compared.map(comparison => ({ ...comparison, better: 'lower' as const }))
  return judgeTogether(rules, TOLERANCE).map(({ change }) => change)
}

/** How much slower every step must be for a percentile to rise by a share, on average over plans. */
export function slowerFor(
  slowDown: number,
  percent: number,
  noise: Noise,
  requests: number,
): number {
  const place = PERCENTS.indexOf(percent as (typeof PERCENTS)[number])
  const logAt = (slower: number): number =>
    mean(
      Array.from({ length: FITTED_BY }, (_, i) =>
        Math.log(statisticsOf(ttftOf({ plan: i, seed: 1e6 + i, requests, slower, noise }))[place]!),
      ),
    )
  const wanted = logAt(1) + Math.log(1 + slowDown)
  let [low, high] = [1, 1 + slowDown]
  for (let i = 0; i < 7; i++) {
    const middle = (low + high) / 2
    if (logAt(middle) < wanted) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Standard deviation of logarithms over the runs of a side, one for each percentile. */
export const deviationsOf = (side: Side): number[] =>
  PERCENTS.map((_, i) => {
    const logs = side.map(run => Math.log(run[i]!))
    return Math.sqrt(
      logs.reduce((sum, log) => sum + (log - mean(logs)) ** 2, 0) / (logs.length - 1),
    )
  })
