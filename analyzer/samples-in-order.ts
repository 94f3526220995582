import type { Metric } from './models.ts'
import type { Tapes } from './open-tapes.ts'

/**
 * The samples of runs in the order in which they happened, in the unit that the metric is stored in.
 *
 * @returns  a list for each run; undefined where a request has not one value, or one is not finite and above 0
 */
export async function samplesInOrder(
  tapes: Tapes,
  metric: Metric,
  runIds: readonly string[],
): Promise<number[][] | undefined> {
  if (metric.grain !== 'request') return undefined
  const rows = await tapes.query(
    `select run_id, list(value::double order by at_ns, request_id) as samples from ${metric.name} group by run_id`,
  )
  const byRun = new Map(rows.map(row => [String(row['run_id']), row['samples'] as number[]]))
  const series = runIds.map(runId => byRun.get(runId) ?? [])
  const usable = (samples: number[]): boolean =>
    samples.length > 0 && samples.every(value => value > 0 && Number.isFinite(value))
  return series.every(usable) ? series : undefined
}
