import {
  askDialects,
  DIALECT_METRICS,
  type DialectMetric,
  type Reading,
  readingsOf,
  rulesOf,
} from './dialects.ts'
import { type Answer, type Cell, shown, type Table } from './formats/tables.ts'
import { percentileFloor } from './percentile-floor.ts'
import type { Row } from './rows.ts'
import { verdictOf } from './verdict.ts'
import type { LimitedTapes } from './with-tapes.ts'

/**
 * Tapes as one dialect reads them.
 *
 * @param dialect      its name
 * @param percentiles  in ascending order
 */
export async function readAs(
  dialect: string,
  percentiles: number[],
  tapes: LimitedTapes,
): Promise<Answer> {
  const answer = await askDialects(tapes, percentiles, dialect)
  const own = answer.dialects.find(row => row['dialect'] === dialect)!
  const rules = rulesOf(own, answer)
  const runs = (await verdictOf(tapes)).map(({ runId, verdict }) => ({
    runId,
    verdict,
    readings: readingsOf(answer, runId, dialect),
  }))
  return {
    head: [
      `read as ${titleOf(own)}`,
      ...runs.map(({ runId, verdict }) => verdictLine(runId, verdict)),
    ],
    tables: [
      ...runs.flatMap(({ runId, readings }) => {
        const [samples, totals] = tablesOf(own, readings, percentiles)
        return runs.length > 1 ? [{ ...samples, title: runId }, totals] : [samples, totals]
      }),
      { columns: [`what ${dialect} does`], rows: rules.map(rule => [rule]) },
    ],
    csv: tidyTable(
      runs.map(({ runId, readings }) => ({ runId, row: own, readings })),
      percentiles,
    ),
    json: {
      ...identityOf(own),
      rules,
      runs: runs.map(({ runId, verdict, readings }) => ({
        run_id: runId,
        verdict,
        metrics: metricsJson(own, readings, percentiles),
      })),
    },
  }
}

/** `vllm, definition 2: vLLM 0.33.0`. */
export const titleOf = (row: Row): string =>
  `${row['dialect']}, definition ${row['version']}: ${row['tool']}`

export const identityOf = ({ dialect, version, tool }: Row): object => ({ dialect, version, tool })

export const verdictLine = (runId: string, verdict: string): string =>
  `verdict on ${runId}: ${verdict}${verdict === 'valid' ? '' : '; why: tokentape report'}`

export const percentileName = (percent: number): string => `p${percent}`

/** What the tool itself calls a metric. */
const nameOf = (row: Row, { metric }: DialectMetric): Cell =>
  (row[`${metric}_name`] ?? null) as Cell

const FEW = '* fewer samples than it needs (p90 64, p99 662): do not read it as a percentile'

function tablesOf(row: Row, readings: Reading[], percentiles: number[]): [Table, Table] {
  const order = percentiles.map((_, i) => i).reverse()
  const few = ({ n }: Reading, i: number): boolean => n! < percentileFloor(percentiles[i]!)
  const sampled = readings.filter(({ n }) => n !== null)
  const missing = DIALECT_METRICS.filter(metric => !readings.some(found => found.metric === metric))
  return [
    {
      columns: [
        ...['metric', `in ${row['dialect']}`, 'unit', 'mean'],
        ...order.map(i => percentileName(percentiles[i]!)),
        'n',
      ],
      rows: sampled.map(reading => [
        reading.metric.title,
        nameOf(row, reading.metric),
        reading.metric.unit,
        reading.mean,
        ...order.map(i => {
          const value = reading.percentiles[i]
          return few(reading, i) ? `${shown(value)}*` : value
        }),
        reading.n,
      ]),
      notes: [
        ...(sampled.some(reading => order.some(i => few(reading, i))) ? [FEW] : []),
        ...missing.map(({ title }) => `no ${title}`),
      ],
    },
    {
      columns: ['metric', 'unit', 'value'],
      rows: readings
        .filter(({ n }) => n === null)
        .map(({ metric, mean }) => [metric.title, metric.unit, mean]),
    },
  ]
}

/** One line a number: for CSV. */
export const tidyTable = (
  read: { runId: string; row: Row; readings: Reading[] }[],
  percentiles: number[],
): Table => ({
  columns: [
    ...['run_id', 'dialect', 'version', 'metric', 'name', 'unit', 'n', 'mean'],
    ...percentiles.map(percentileName),
  ],
  rows: read.flatMap(({ runId, row, readings }) =>
    readings.map(({ metric, n, mean, percentiles: values }) => [
      ...[runId, row['dialect'] as Cell, row['version'] as Cell],
      ...[metric.metric, nameOf(row, metric), metric.unit, n, mean],
      ...percentiles.map((_, i) => values[i]),
    ]),
  ),
})

export const metricsJson = (row: Row, readings: Reading[], percentiles: number[]): object =>
  Object.fromEntries(
    readings.map(({ metric, n, mean, percentiles: values }) => [
      metric.metric,
      n === null
        ? { unit: metric.unit, value: mean }
        : {
            name: nameOf(row, metric),
            unit: metric.unit,
            n,
            mean,
            ...percentilesJson(values, percentiles),
          },
    ]),
  )

/** A run's one value has none. */
export const percentilesJson = (values: number[], percentiles: number[]): object =>
  Object.fromEntries(values.map((value, i) => [percentileName(percentiles[i]!), value]))
