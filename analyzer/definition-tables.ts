import {
  identityOf,
  metricsJson,
  percentileName,
  percentilesJson,
  tidyTable,
  titleOf,
  verdictLine,
} from './dialect-tables.ts'
import {
  askDialects,
  type Change,
  changesOf,
  DIALECT_METRICS,
  type DialectMetric,
  OURS,
  type Reading,
  readingsOf,
} from './dialects.ts'
import { type Answer, type Cell, shown, type Table } from './formats/tables.ts'
import type { Row } from './rows.ts'
import { verdictOf } from './verdict.ts'
import type { LimitedTapes } from './with-tapes.ts'

/** The percentiles that definitions are compared by. */
const COMPARED = [50, 99]

/** A dialect's reading of a run, and what leads to it from ours. */
type Compared = { row: Row; readings: Reading[]; changes: Change[] }

/** Each run as every dialect reads it, and which rule makes how much of the difference from ours. */
export async function compareDefinitions(tapes: LimitedTapes): Promise<Answer> {
  const answer = await askDialects(tapes, COMPARED)
  const runs = (await verdictOf(tapes)).map(({ runId, verdict }) => ({
    runId,
    verdict,
    dialects: answer.dialects.map(row => ({
      row,
      readings: readingsOf(answer, runId, String(row['dialect'])),
      changes: changesOf(answer, runId, String(row['dialect'])),
    })),
  }))
  const several = runs.length > 1
  return {
    head: runs.map(({ runId, verdict }) => verdictLine(runId, verdict)),
    tables: runs.flatMap(({ runId, dialects }) => [
      { ...numbersTable(dialects), ...(several ? { title: runId } : {}) },
      ...dialects
        .filter(({ row }) => row['dialect'] !== OURS)
        .map(compared => changesTable(compared, several ? `${runId}: ` : '')),
    ]),
    csv: tidyTable(
      runs.flatMap(({ runId, dialects }) => dialects.map(compared => ({ runId, ...compared }))),
      COMPARED,
    ),
    json: runs.map(({ runId, verdict, dialects }) => ({
      run_id: runId,
      verdict,
      dialects: dialects.map(({ row, readings, changes }) => ({
        ...identityOf(row),
        metrics: metricsJson(row, readings, COMPARED),
        changes_from: OURS,
        changes: changes.map(({ metric, rule, cause, mean, percentiles }) => ({
          metric: metric.metric,
          unit: metric.unit,
          rule,
          cause,
          mean,
          ...percentilesJson(percentiles, COMPARED),
        })),
      })),
    })),
  }
}

/** A column a dialect, with a row for each number. */
function numbersTable(dialects: Compared[]): Table {
  const line = (label: string, metric: DialectMetric, cell: (reading: Reading) => Cell): Cell[] => [
    label,
    ...dialects.map(({ readings }) => {
      const found = readings.find(reading => reading.metric === metric)
      return found ? cell(found) : null
    }),
  ]
  const sampled = (metric: DialectMetric): boolean =>
    dialects.some(({ readings }) =>
      readings.some(({ metric: own, n }) => own === metric && n !== null),
    )
  const rowsOf = (metric: DialectMetric): Cell[][] => {
    const { title, unit } = metric
    if (!sampled(metric)) return [line(`${title} (${unit})`, metric, ({ mean }) => mean)]
    return [
      line(`${title}, mean (${unit})`, metric, ({ mean }) => mean),
      ...COMPARED.map((percent, i) =>
        line(
          `${title}, ${percentileName(percent)} (${unit})`,
          metric,
          found => found.percentiles[i],
        ),
      ),
      line(`${title}, n`, metric, ({ n }) => n),
    ]
  }
  return {
    columns: ['metric', ...dialects.map(({ row }) => String(row['dialect']))],
    rows: [
      ['definition', ...dialects.map(({ row }) => row['version'] as number)],
      ...DIALECT_METRICS.flatMap(rowsOf),
    ],
    notes: [
      `below: what each rule of a dialect changes, switched one after another from those of ${OURS}; the changes add up`,
    ],
  }
}

/** Each rule that changes something, with how much, on top of those above it. */
function changesTable({ row, changes }: Compared, prefix: string): Table {
  const title = `${prefix}${titleOf(row)}`
  if (changes.length === 0)
    return { title, columns: [`on this run it gives the numbers of ${OURS}`], rows: [] }
  return {
    title,
    columns: [`change from ${OURS}`, 'mean', ...COMPARED.map(percentileName), 'because'],
    rows: changes.map(({ metric, cause, mean, percentiles }) => [
      `${metric.title} (${metric.unit})`,
      signed(mean),
      ...COMPARED.map((_, i) => signed(percentiles[i])),
      cause,
    ]),
  }
}

const signed = (change: number | undefined): string =>
  change === undefined ? '' : change > 0 ? `+${shown(change)}` : shown(change)
