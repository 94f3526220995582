import type { Metric } from '../models.ts'
import type { Tapes } from '../open-tapes.ts'
import { quoted } from '../quoted.ts'
import { divisorOf } from '../report.ts'
import type { LimitedTapes } from '../with-tapes.ts'
import type { Figure, FigureMetric, Question } from './figure.ts'
import type { Column, Frame } from './frame.ts'
import { questionFor, SIZE_SQL } from './question.ts'

/** A metric as figures need it. */
export const figureMetric = (metric: Metric): FigureMetric => ({
  name: metric.name,
  title: metric.title,
  shown: metric.shown,
  divisor: divisorOf(metric),
})

/** What figures ask of these tapes: slices and lines to fit the longest run. */
export async function questionOf(
  tapes: LimitedTapes,
  metric: FigureMetric,
  gpus = 1,
): Promise<Question> {
  // Of a window too, time counts from the first send of the whole run.
  const zeros = tapes.windows?.map(({ runId, firstNs }) => `${quoted(runId)}: ${firstNs}::bigint`)
  if (zeros) await tapes.query(`set variable first_sends = map {${zeros.join(', ')}}`)
  const [row] = await tapes.query(SIZE_SQL)
  const size = row as { span_ns: number | null; n: number; n_chunks: number | null }
  return questionFor(size, tapes.runs.length, metric, gpus)
}

/** Asks what a figure needs to be drawn. */
export async function framesOf(
  tapes: Tapes,
  figure: Figure,
  question: Question,
): Promise<{ [name: string]: Frame }> {
  for (const statement of figure.prepare ?? []) await tapes.query(statement)
  const frames: { [name: string]: Frame } = {}
  for (const [name, sql] of Object.entries(figure.frames(question)))
    frames[name] = await frameOf(tapes, sql)
  return frames
}

/** The rows of a query as a frame; `run_id` becomes `run`, the run's place in the order of naming. */
export async function frameOf(tapes: Tapes, sql: string): Promise<Frame> {
  const places = new Map(tapes.runs.map(({ manifest }, place) => [manifest.run_id, place]))
  const reader = await tapes
    .prepared(sql, () => tapes.connection.runAndReadAll(sql))
    .catch(async error => {
      throw await tapes.faultOf(error)
    })
  const values = reader.getColumnsJS()
  const columns = reader.columnNames().map((name, i): [string, Column] => {
    const own = (values[i] ?? []) as unknown[]
    if (name === 'run_id')
      return ['run', Float64Array.from(own, id => places.get(String(id)) ?? Number.NaN)]
    if (own.some(value => typeof value === 'string'))
      return [name, own.map(value => (value === null ? '' : String(value)))]
    return [name, Float64Array.from(own, numberOf)]
  })
  const n = reader.currentRowCount
  return { n, columns: Object.fromEntries(columns.map(emptyTexts(n))) }
}

const numberOf = (value: unknown): number => (value === null ? Number.NaN : Number(value))

/** A column of texts without rows has no value that shows it; its readers ask for texts by name. */
const TEXTS = new Set(['outcome', 'population', 'part'])
const emptyTexts =
  (n: number) =>
  ([name, column]: [string, Column]): [string, Column] => [
    name,
    n === 0 && TEXTS.has(name) ? [] : column,
  ]
