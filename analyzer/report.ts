import type { Manifest } from '../schemas/manifest.ts'
import { type Instrument, instrumentsOf } from './instrument.ts'
import type { Metric } from './models.ts'
import { percentileFloor } from './percentile-floor.ts'
import { type PromptParts, promptPartsOf } from './prompt-parts.ts'
import { type Check, type Verdict, verdictOf } from './verdict.ts'
import type { Window } from './window.ts'
import type { LimitedTapes } from './with-tapes.ts'

/** Statistics of a metric, in the unit that people read it in. */
export type Summary = {
  metric: Metric
  n: number
  avg: number
  min: number
  max: number
  sum: number
  std: number
  /** By percentile, from 0 to 100. */
  percentiles: Map<number, number>
}

export type Failure = {
  outcome: string
  status: number | null
  detail: string | null
  n_requests: number
  first_request_id: number
}

/** All that a report says of one run. */
export type RunReport = {
  runId: string
  manifest: Manifest
  /** Requests of the profiling phase, and when the first was sent and the last ended, ns since zero. */
  nRequests: number
  firstNs: number | null
  lastNs: number | null
  verdict: Verdict
  checks: Check[]
  /** The tapes that the run was read from, where it was recorded in shards. */
  shards: RunShard[]
  metrics: Summary[]
  failures: Failure[]
  /** What the recorder added at this load, where the tape holds a calibration. */
  instrument?: Instrument
  /** What its prompts were made of, where there was history or anything cached. */
  prompts?: PromptParts
  /** The part of the run that it is about, where that is not the whole. */
  window?: Window
}

/** A shard of a run. */
export type RunShard = {
  index: number
  of: number
  tape: string
  /** From the run's zero to the shard's own, by the wall clocks of both machines, ns. */
  offsetNs: number
}

/** Percentiles of every report: those that AIPerf gives. */
export const AIPERF_PERCENTILES = [1, 5, 10, 25, 50, 75, 90, 95, 99]

const DIVISORS: Record<string, number> = { ms: 1e6, sec: 1e9 }

/**
 * Asks tapes for all metrics, checks and failures.
 *
 * @param percentiles  in ascending order
 * @param wanted       true: also the metrics that are shown only when asked for; or those that it says
 */
export async function reportOf(
  tapes: LimitedTapes,
  percentiles: number[],
  wanted: boolean | ((metric: Metric) => boolean) = false,
): Promise<RunReport[]> {
  const quantiles = percentiles.map(percent => Number((percent / 100).toPrecision(12)))
  await tapes.query(`set variable quantiles = [${quantiles.join(', ')}]`)
  const summaries = new Map<string, Summary[]>()
  const isWanted =
    typeof wanted === 'function' ? wanted : ({ report }: Metric) => wanted || report === 'default'
  for (const metric of tapes.metrics.filter(isWanted))
    for (const row of await tapes.query(
      `from summary('${metric.name}', method := '${metric.percentiles}')`,
    )) {
      const found = summaries.get(String(row['run_id'])) ?? []
      summaries.set(String(row['run_id']), [...found, summaryOf(metric, row, percentiles)])
    }
  const verdicts = await verdictOf(tapes)
  const failures = await tapes.query('from failures')
  const instruments = await instrumentsOf(tapes)
  const prompts = await promptPartsOf(tapes)
  const spans = await tapes.query(`
    select run_id, count(*) as n, min(sent_ns) as first_ns, max(end_ns) as last_ns
    from requests where phase = 'profiling' group by run_id`)
  return tapes.runs.map(({ manifest, shards }, i) => {
    const own = <T>(rows: { [column: string]: unknown }[]): T[] =>
      rows.filter(row => row['run_id'] === manifest.run_id) as T[]
    const window = tapes.windows?.find(({ runId }) => runId === manifest.run_id)
    const instrument = instruments.get(manifest.run_id)
    const parts = prompts.get(manifest.run_id)
    const span = own<{ n: number; first_ns: number | null; last_ns: number | null }>(spans)[0]
    return {
      runId: manifest.run_id,
      manifest,
      nRequests: span?.n ?? 0,
      firstNs: span?.first_ns ?? null,
      lastNs: span?.last_ns ?? null,
      verdict: verdicts[i]!.verdict,
      checks: verdicts[i]!.checks,
      shards: shards
        .filter(shard => shard.manifest.shard.of > 1)
        .map(({ path, manifest: { shard }, offsetNs }) => ({
          ...shard,
          tape: path,
          offsetNs: Number(offsetNs),
        })),
      metrics: summaries.get(manifest.run_id) ?? [],
      failures: own<Failure>(failures),
      ...(parts ? { prompts: parts } : {}),
      ...(window ? { window } : {}),
      ...(instrument ? { instrument } : {}),
    }
  })
}

export function summaryOf(
  metric: Metric,
  row: { [column: string]: unknown },
  percentiles: number[],
): Summary {
  const divisor = divisorOf(metric)
  const shown = (value: unknown): number => (value === null ? Number.NaN : Number(value) / divisor)
  return {
    metric,
    n: Number(row['n']),
    avg: shown(row['avg']),
    min: shown(row['min']),
    max: shown(row['max']),
    sum: shown(row['sum']),
    std: shown(row['std']),
    percentiles: new Map(
      percentiles.map((percent, i) => [percent, shown((row['percentiles'] as unknown[])[i])]),
    ),
  }
}

/** What a value is divided by to be in the unit that people read it in. */
export const divisorOf = ({ unit, shown }: Metric): number => (unit === 'ns' ? DIVISORS[shown]! : 1)

/** Whether a percentile rests on too few samples to be read. */
export const tooFew = (n: number, percent: number): boolean => n < percentileFloor(percent)
