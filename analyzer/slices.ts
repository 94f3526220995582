import { UserError } from '../schemas/errors.ts'
import { judge } from './judged.ts'
import type { Metric } from './models.ts'
import type { Tapes } from './open-tapes.ts'
import { type Summary, summaryOf } from './report.ts'
import type { Row } from './rows.ts'
import type { Slo } from './slo.ts'

export type SlicesQuestion = {
  /** undefined: a tenth of the longest run, rounded to a whole unit. */
  widthNs: number | undefined
  metrics: Metric[]
  percentiles: number[]
  slos: Slo[]
}

/** A slice of a run. */
export type Slice = {
  runId: string
  index: number
  fromNs: number
  toNs: number
  /** Whether the run fills it. */
  complete: boolean
  filledNs: number
  nStarted: number
  nSucceeded: number
  nFailed: number
  nTokens: number
  requestThroughput: number | null
  outputTokenThroughput: number | null
  metrics: Summary[]
  /** Good requests among those sent in it, by tier. */
  good: { tier: string; nGood: number; nSent: number }[]
}

/** More slices than anybody reads, or than memory holds. */
const MOST_SLICES = 100_000

/**
 * Asks for each slice of time of each run.
 *
 * @throws UserError when nothing was sent, or the slices would be too many
 */
export async function askSlices(tapes: Tapes, question: SlicesQuestion): Promise<Slice[]> {
  const width = await widthOf(tapes, question.widthNs)
  const quantiles = question.percentiles.map(percent => Number((percent / 100).toPrecision(12)))
  await tapes.query(`set variable quantiles = [${quantiles.join(', ')}]`)
  const found = new Map<string, Slice>()
  for (const row of await tapes.query(`from slices(${width})`)) found.set(keyOf(row), sliceOf(row))
  for (const metric of question.metrics) {
    const byArrival = metric.grain === 'token'
    const rows = await tapes.query(
      `from slice_statistics('${metric.name}', ${width}, by_arrival := ${byArrival})`,
    )
    for (const row of rows)
      found.get(keyOf(row))?.metrics.push(summaryOf(metric, row, question.percentiles))
  }
  if (question.slos.length > 0) {
    await judge(tapes, question.slos)
    for (const row of await tapes.query(`from slice_goodput('_judged', ${width})`))
      found.get(keyOf(row))?.good.push({
        tier: String(row['tier']),
        nGood: Number(row['n_good']),
        nSent: Number(row['n_sent']),
      })
  }
  return [...found.values()]
}

const keyOf = (row: Row): string => `${row['slice']} ${row['run_id']}`

const sliceOf = (row: Row): Slice => ({
  runId: String(row['run_id']),
  index: Number(row['slice']),
  fromNs: Number(row['from_ns']),
  toNs: Number(row['to_ns']),
  complete: Boolean(row['complete']),
  filledNs: Number(row['filled_ns']),
  nStarted: Number(row['n_started']),
  nSucceeded: Number(row['n_succeeded']),
  nFailed: Number(row['n_failed']),
  nTokens: Number(row['n_tokens']),
  requestThroughput: row['request_throughput'] as number | null,
  outputTokenThroughput: row['output_token_throughput'] as number | null,
  metrics: [],
  good: [],
})

/** The width in nanoseconds: what was asked for, else the roundest number near a tenth of the run. */
async function widthOf(tapes: Tapes, asked: number | undefined): Promise<number> {
  const [row] = await tapes.query(`
    select max(span_ns) as span_ns from (
      select max(coalesce(end_ns, last_content_ns, sent_ns)) - min(sent_ns) as span_ns
      from requests where phase = 'profiling' and sent_ns is not null group by run_id
    )`)
  if (row?.['span_ns'] == null)
    throw new UserError('slices: no request was sent', 'record a run with requests')
  const spanNs = Number(row['span_ns'])
  const width = asked ?? roundest(spanNs / 10)
  if (spanNs / width > MOST_SLICES)
    throw new UserError(
      `--width: ${Math.ceil(spanNs / width)} slices are too many`,
      `at most ${MOST_SLICES}: take a greater --width`,
    )
  return width
}

/** 1, 2 or 5 times a power of ten, not below 1 ms. */
function roundest(nanoseconds: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(nanoseconds, 1e6)))
  const factor = [1, 2, 5, 10].find(step => step * power >= nanoseconds) ?? 10
  return factor * power
}
