import { UserError } from '../schemas/errors.ts'
import type { Metric } from './models.ts'
import { namesHint } from './nearest.ts'

/** A metric's short name: its column of request_metrics without the unit, such as `ttft`. */
export const shortName = ({ column }: Metric): string | undefined => column?.replace(/_[a-z]+$/, '')

/**
 * The metric of a name: its tag, a column of request_metrics with or without the unit, or an alias.
 *
 * @throws UserError for one that is not there, with the nearest name and all there are
 */
export function metricNamed(name: string, metrics: Metric[], flag: string): Metric {
  const wanted = name.trim()
  const found =
    metrics.find(metric => metric.name === wanted || metric.aliases.includes(wanted)) ??
    metrics.find(metric => metric.column === wanted) ??
    metrics.find(metric => shortName(metric) === wanted)
  if (found) return found
  const names = metrics.flatMap(metric => [metric.name, ...metric.aliases])
  const columns = metrics.flatMap(metric => [shortName(metric) ?? [], metric.column ?? []].flat())
  throw new UserError(
    `${flag}: no metric "${wanted}"`,
    namesHint('metrics', wanted, names, columns),
  )
}
