import type { MetricSubject } from './gate.ts'
import type { Tapes } from './open-tapes.ts'
import { blockInterval, type Interval, quantile } from './statistics/bootstrap.ts'
import { mean } from './statistics/permutation.ts'

/** The interval of a ratio from the prompts of single runs, resampled in blocks. */
export function withinPrompts(ratios: number[]): Interval {
  const { low, high } = blockInterval([ratios], ([drawn]) => mean([...drawn!]))
  return { low: Math.exp(low), high: Math.exp(high) }
}

/** The same where nothing is paired: each run resampled by itself. Only where a request has one value. */
export async function withinRuns(
  tapes: Tapes,
  { metric, statistic }: MetricSubject,
  { base, fresh }: { base: string[]; fresh: string[] },
): Promise<Interval | undefined> {
  const isPercentile = typeof statistic === 'object'
  if (metric.grain !== 'request' || !(isPercentile || statistic === 'avg')) return undefined
  const rows = await tapes.query(
    `select run_id, list(value::double order by at_ns, request_id) as samples from ${metric.name} group by run_id`,
  )
  const series = [...base, ...fresh].map(
    runId => rows.find(row => row['run_id'] === runId)!['samples'] as number[],
  )
  if (!series.every(samples => samples.every(value => value > 0 && Number.isFinite(value))))
    return undefined
  const logOf = (values: Float64Array): number =>
    Math.log(isPercentile ? quantile(values.sort(), statistic.percent / 100) : mean([...values]))
  const { low, high } = blockInterval(series, drawn => {
    const logs = drawn.map(logOf)
    return mean(logs.slice(base.length)) - mean(logs.slice(0, base.length))
  })
  return { low: Math.exp(low), high: Math.exp(high) }
}
