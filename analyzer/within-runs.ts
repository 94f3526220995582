import type { MetricSubject, Statistic } from './gate.ts'
import type { Tapes } from './open-tapes.ts'
import { samplesInOrder } from './samples-in-order.ts'
import { blockInterval, type Interval, quantile } from './statistics/bootstrap.ts'
import { mean } from './statistics/permutation.ts'

/** The interval of a ratio of single runs: each resampled by itself, in blocks. Only where a request has one value. */
export async function withinRuns(
  tapes: Tapes,
  { metric, statistic }: MetricSubject,
  { base, fresh }: { base: string[]; fresh: string[] },
): Promise<Interval | undefined> {
  const statisticIn = statisticOfSamples(statistic)
  if (!statisticIn || fresh.length === 0) return undefined
  const series = await samplesInOrder(tapes, metric, [...base, ...fresh])
  if (!series) return undefined
  const { low, high } = blockInterval(series, drawn => {
    const logs = drawn.map(samples => Math.log(statisticIn(samples)))
    return mean(logs.slice(base.length)) - mean(logs.slice(0, base.length))
  })
  return { low: Math.exp(low), high: Math.exp(high) }
}

/** How a percentile or the mean is taken of samples, which may be sorted by it; undefined for other statistics. */
export function statisticOfSamples(
  statistic: Statistic | undefined,
): ((samples: Float64Array) => number) | undefined {
  if (statistic === 'avg') return samples => mean([...samples])
  if (typeof statistic !== 'object') return undefined
  return samples => quantile(samples.sort(), statistic.percent / 100)
}
