import { askGoodput, type GoodputAnswer } from './goodput.ts'
import { parseGrid } from './goodput-grid.ts'
import { guarded } from './locked.ts'
import { metricNamed } from './metric-named.ts'
import type { Metric } from './models.ts'
import { openTapes as open } from './open-tapes.ts'
import { AIPERF_PERCENTILES, type RunReport, reportOf } from './report.ts'
import { plainRow, type Row } from './rows.ts'
import type { Run } from './runs.ts'
import { askSlices, type Slice } from './slices.ts'
import { parseSlos } from './slo.ts'
import { expandTapes } from './tape-glob.ts'
import { tapeTokenizer } from './tape-tokenizer.ts'

export { UserError } from '../schemas/errors.ts'
export type { GoodputAnswer, Metric, Row, Run, RunReport, Slice }

/** How tapes are opened. */
export type OpenOptions = {
  /** What counts output tokens: a name, a folder or a file; default: the run's own tokenizer. */
  tokenizer?: string
  /** Whose token counts come first; default: the client's. */
  tokenSource?: 'client' | 'server'
  /** Where notes go; default: standard error. */
  note?: (text: string) => void
}

/** Tapes, open. */
export type Tapes = {
  /** In the order in which they were named. */
  runs: Run[]
  /** All metrics there are, with their definitions. */
  metrics: Metric[]
  /** The rows of any query over the relations. Whole numbers beyond 2^53 are BigInt. @throws UserError in DuckDB's words */
  query<T extends Row = Row>(sql: string): Promise<T[]>
  /** What `tokentape report` says of each run, in the units that people read. */
  report(options?: { percentiles?: number[]; all?: boolean }): Promise<RunReport[]>
  /** What `tokentape goodput` says. @param options.slo  SLOs by tier, or one. @param options.grid  as --grid */
  goodput(options: {
    slo?: string | Record<string, string>
    grid?: string
    solve?: number
  }): Promise<GoodputAnswer>
  /** What `tokentape slices` says. @param options.widthNs  default: about a tenth of the run */
  slices(options?: {
    widthNs?: number
    metrics?: string[]
    percentiles?: number[]
    slo?: string | Record<string, string>
    by?: 'start' | 'end' | 'both'
  }): Promise<Slice[]>
  /** Ends it; nothing can be asked afterwards. */
  close(): void
}

const SLICED = ['time_to_first_token', 'inter_token_latency', 'request_latency']

/**
 * Opens tapes as the command line does: `tokentape` as a module.
 *
 * @param paths  directories that `tokentape record` wrote, or patterns of them
 * @throws UserError (`message`, `hint`, `exitCode`) for what is no tape, is damaged, or is named twice
 */
export async function openTapes(
  paths: string | readonly string[],
  options: OpenOptions = {},
): Promise<Tapes> {
  const { note = text => void process.stderr.write(text), tokenizer, tokenSource } = options
  const tapes = await open(expandTapes(typeof paths === 'string' ? [paths] : paths), {
    err: note,
    tokenizerOf: tapeTokenizer(tokenizer, note),
    ...(tokenSource ? { tokenSource } : {}),
  })
  const slosOf = (slo: string | Record<string, string> | undefined) =>
    parseSlos(textsOf(slo), 'slo', tapes)
  return {
    runs: tapes.runs,
    metrics: tapes.metrics,
    query: <T extends Row>(sql: string) =>
      guarded(sql, tapes, {}, async () => {
        const result = await tapes.connection.runAndReadAll(sql)
        return result.getRowObjectsJS().map(plainRow) as T[]
      }),
    report: async ({ percentiles = [], all = false } = {}) =>
      reportOf(
        tapes,
        [...new Set([...AIPERF_PERCENTILES, ...percentiles])].sort((a, b) => a - b),
        all,
      ),
    goodput: async ({ slo, grid, solve }) =>
      askGoodput(tapes, {
        slos: await slosOf(slo),
        axes: grid === undefined ? [] : parseGrid(grid, tapes.metrics),
        solve,
      }),
    slices: async ({
      widthNs,
      metrics = SLICED,
      percentiles = [50, 90, 99],
      slo,
      by = 'start',
    } = {}) =>
      askSlices(tapes, {
        widthNs,
        metrics: metrics.map(name => metricNamed(name, tapes.metrics, 'metrics')),
        percentiles,
        slos: await slosOf(slo),
        by,
      }),
    close: tapes.close,
  }
}

const textsOf = (slo: string | Record<string, string> | undefined): string[] => {
  if (slo === undefined) return []
  return typeof slo === 'string'
    ? [slo]
    : Object.entries(slo).map(([tier, text]) => `${tier}=${text}`)
}
