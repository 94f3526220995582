import { UserError } from '../schemas/errors.ts'
import type { Metric } from './models.ts'
import { sloMetric } from './slo.ts'

/** One axis of a grid: limits of one metric. */
export type Axis = { metric: Metric & { column: string }; limits: number[] }

/** Cells beyond which a grid is refused: a table of them is of no use. */
const MOST_CELLS = 100_000

/**
 * Reads `--grid ttft=100:1000:50,latency=200:5000:100`: for each metric from, to and step, in display units.
 *
 * @throws UserError for anything else, for more than three axes or too many cells
 */
export function parseGrid(text: string, metrics: Metric[]): Axis[] {
  const axes = text.split(',').map(part => {
    const match = /^\s*(\w+)=(\d+(?:\.\d+)?):(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)\s*$/.exec(part)
    const [from, to, step] = match?.slice(2).map(Number) ?? []
    if (!match || !(step! > 0) || !(to! >= from!))
      throw new UserError(
        `--grid: "${part}" is not a metric with from, to and step`,
        'for example --grid ttft=100:1000:50,latency=200:5000:100',
      )
    const count = Math.floor((to! - from!) / step! + 1e-9) + 1
    if (count > MOST_CELLS) throw tooMany(count)
    return {
      metric: sloMetric(match[1]!, '--grid', metrics),
      limits: Array.from({ length: count }, (_, i) => Number((from! + i * step!).toPrecision(12))),
    }
  })
  const cells = axes.reduce((product, { limits }) => product * limits.length, 1)
  if (axes.length > 3 || cells > MOST_CELLS)
    throw axes.length > 3 ? tooManyAxes(axes.length) : tooMany(cells)
  return axes
}

const tooMany = (cells: number): UserError =>
  new UserError(`--grid: ${cells} cells are too many`, `at most ${MOST_CELLS}: take greater steps`)
const tooManyAxes = (n: number): UserError =>
  new UserError(`--grid: ${n} metrics are too many`, 'at most three')

/** Where more is better, both sides are turned round, so that a limit is always what may not be exceeded. */
export const signOf = ({ better }: Metric): 1 | -1 => (better === 'higher' ? -1 : 1)

/** The statements that make `_points` and `_cells`, which goodput_grid reads. */
export function gridTables(axes: Axis[]): string[] {
  const names = ['x', 'y', 'z'].map((name, i) => ({ name, axis: axes[i] }))
  const points = names.map(({ name, axis }) =>
    axis ? `${signOf(axis.metric)} * ${axis.metric.column} as ${name}` : `null::double as ${name}`,
  )
  const cells = names.map(({ name, axis }) =>
    axis
      ? `unnest([${axis.limits.map(limit => `${signOf(axis.metric) * limit}::double`).join(', ')}]) as ${name}`
      : `null::double as ${name}`,
  )
  return [
    `create or replace temp table _points as select run_id, ${points.join(', ')} from _measured where outcome = 'ok'`,
    `create or replace temp table _cells as
     from ${cells.map((cell, i) => `(select ${cell}) as axis_${i}`).join(' cross join ')}`,
  ]
}
