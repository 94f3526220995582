import { UserError } from '../schemas/errors.ts'
import { judge } from './judged.ts'
import type { Metric } from './models.ts'
import type { Tapes } from './open-tapes.ts'
import { type Summary, summaryOf } from './report.ts'
import type { Row } from './rows.ts'
import type { Slo } from './slo.ts'
import type { Window } from './window.ts'

export type SlicesQuestion = {
  /** undefined: a tenth of the longest run, rounded to a whole unit. */
  widthNs: number | undefined
  metrics: Metric[]
  percentiles: number[]
  slos: Slo[]
  /** Which slice a request's metrics belong to: that of its start, of its end, or each in turn. */
  by: 'start' | 'end' | 'both'
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
  /** Means over what the run fills of it; null where nothing was under way. */
  load: Load
  metrics: SliceSummary[]
  /** Good requests among those sent (or ended) in it, by tier. */
  good: { tier: string; nGood: number; nSent: number; by: 'start' | 'end' }[]
}

/** What the server had to do: requests and tokens under way, and the input it read per second. */
export type Load = {
  concurrency: number | null
  prefillConcurrency: number | null
  decodeConcurrency: number | null
  tokensInFlight: number | null
  prefillThroughput: number | null
}

/** Statistics of the requests that started in a slice, or of those that ended in it; gaps belong to where they ended, steps to all slices that they last in. */
export type SliceSummary = Summary & { by: 'start' | 'end' | 'arrival' | 'time' }

/** More slices than anybody reads, or than memory holds. */
const MOST_SLICES = 100_000

/**
 * Asks for each slice of time of each run.
 *
 * @throws UserError when nothing was sent, or the slices would be too many
 */
export async function askSlices(tapes: Tapes, question: SlicesQuestion): Promise<Slice[]> {
  const unplaced = tapes.runs.find(({ manifest }) => manifest.imported?.starts_known === false)
  if (unplaced)
    throw new UserError(
      `slices: ${unplaced.manifest.run_id} does not tell when its requests were sent`,
      'its latencies are right: tokentape report, percentiles, requests',
    )
  const width = await widthOf(tapes, question.widthNs)
  const quantiles = question.percentiles.map(percent => Number((percent / 100).toPrecision(12)))
  await tapes.query(`set variable quantiles = [${quantiles.join(', ')}]`)
  const found = new Map<string, Slice>()
  for (const row of await tapes.query(`from slices(${width})`)) found.set(keyOf(row), sliceOf(row))
  for (const row of await tapes.query(`from slice_load(${width})`)) {
    const slice = found.get(keyOf(row))
    if (slice) slice.load = loadOf(row)
  }
  const ends = question.by === 'both' ? (['start', 'end'] as const) : [question.by]
  for (const metric of question.metrics) {
    if (metric.grain === 'time') {
      for (const row of await tapes.query(
        `from time_weighted('${metric.name}', width_ns := ${width})`,
      ))
        found
          .get(keyOf(row))
          ?.metrics.push({ ...summaryOf(metric, row, question.percentiles), by: 'time' })
      continue
    }
    const byArrival = metric.grain === 'token'
    for (const by of byArrival ? (['arrival'] as const) : ends) {
      const rows = await tapes.query(
        `from slice_statistics('${metric.name}', ${width}, by_arrival := ${byArrival}, by_end := ${by === 'end'})`,
      )
      for (const row of rows)
        found.get(keyOf(row))?.metrics.push({ ...summaryOf(metric, row, question.percentiles), by })
    }
  }
  if (question.slos.length > 0) {
    await judge(tapes, question.slos)
    for (const by of ends)
      for (const row of await tapes.query(
        `from slice_goodput('_judged', ${width}, by_end := ${by === 'end'})`,
      ))
        found.get(keyOf(row))?.good.push({
          tier: String(row['tier']),
          nGood: Number(row['n_good']),
          nSent: Number(row['n_sent']),
          by,
        })
  }
  return [...found.values()]
}

/**
 * The slices that lie within the window of their run.
 *
 * @throws UserError when none does
 */
export function slicesWithin(slices: Slice[], windows: Window[]): Slice[] {
  const inside = slices.filter(({ runId, fromNs, toNs }) =>
    windows.some(
      window => window.runId === runId && fromNs >= window.fromNs && toNs <= window.toNs,
    ),
  )
  if (inside.length === 0)
    throw new UserError('slices: none lies within the window', 'take a smaller --width')
  return inside
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
  load: loadOf({}),
  metrics: [],
  good: [],
})

const loadOf = (row: Row): Load => {
  const value = (name: string): number | null => (row[name] ?? null) as number | null
  return {
    concurrency: value('concurrency'),
    prefillConcurrency: value('prefill_concurrency'),
    decodeConcurrency: value('decode_concurrency'),
    tokensInFlight: value('tokens_in_flight'),
    prefillThroughput: value('prefill_throughput'),
  }
}

/** The width in nanoseconds: what was asked for, else the roundest number near a tenth of the run. */
async function widthOf(tapes: Tapes, asked: number | undefined): Promise<number> {
  const [row] = await tapes.query(`
    select max(span_ns) as span_ns from (
      select max(greatest(sent_ns, end_ns, last_content_ns)) - min(sent_ns) as span_ns
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
