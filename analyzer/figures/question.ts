import type { FigureMetric, Question } from './figure.ts'
import { sliceWidth } from './slice-width.ts'

/** Requests above which cells of them are drawn. */
const MOST_POINTS = 50_000
/** Messages above which the distribution of their gaps is drawn from bins. */
export const MOST_SAMPLES = 2_000_000
/** Ticks of an arrival roll, and its lines: more cannot be told apart, and would not fit into a page. */
const MOST_TICKS = 120_000
const MOST_LINES = 600
const FEWEST_LINES = 20

/** How much there is to be drawn: what questions are fitted to. */
export type Size = { span_ns: number | null; n: number; n_chunks: number | null }

/** The query of a size: one row. */
export const SIZE_SQL = `
  select
    (select max(last_ns - first_ns) from run_starts) as span_ns,
    count(*) as n,
    avg(n_chunks) as n_chunks
  from requests
  where phase = 'profiling' and sent_ns is not null`

/** What figures ask: slices and lines to fit the longest run. */
export function questionFor(
  { span_ns, n, n_chunks }: Size,
  nRuns: number,
  metric: FigureMetric,
  gpus: number,
): Question {
  const lines = Math.floor(MOST_TICKS / Math.max(1, nRuns) / Math.max(1, Number(n_chunks ?? 1)))
  return {
    metric,
    widthNs: sliceWidth(Number(span_ns ?? 0)),
    gpus,
    dense: Number(n) > MOST_POINTS,
    nMost: Math.min(MOST_LINES, Math.max(FEWEST_LINES, lines)),
  }
}
