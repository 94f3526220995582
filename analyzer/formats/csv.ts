import type { RunReport, Summary } from '../report.ts'
import type { Format, Shape } from './format.ts'
import { percentileName, titled } from './number.ts'

/** AIPerf's two tables: metrics with a distribution, then single values. Several runs add a column. */
export const csv: Format = (runs, shape) => {
  const several = runs.length > 1
  const of = (grain: 'run' | 'samples', cells: (summary: Summary) => string[]): string[][] =>
    runs.flatMap(({ runId, metrics }: RunReport) =>
      metrics
        .filter(({ metric }) => (metric.grain === 'run') === (grain === 'run'))
        .map(summary => [...(several ? [runId] : []), titled(summary), ...cells(summary)]),
    )
  const run = several ? ['Run'] : []
  return [
    [...run, 'Metric', 'avg', 'min', 'max', ...shape.percentiles.map(percentileName), 'std'],
    ...of('samples', summary => numbers(summary, shape)),
    [],
    [...run, 'Metric', 'Value'],
    ...of('run', ({ avg }) => [avg.toFixed(2)]),
  ]
    .map(cells => `${cells.map(quotedCell).join(',')}\n`)
    .join('')
}

const numbers = ({ avg, min, max, std, percentiles }: Summary, shape: Shape): string[] =>
  [avg, min, max, ...shape.percentiles.map(percent => percentiles.get(percent)!), std].map(value =>
    Number.isFinite(value) ? value.toFixed(2) : '',
  )

const quotedCell = (cell: string): string =>
  /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
