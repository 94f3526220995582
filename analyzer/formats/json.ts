import { tokentapeVersion } from '../../schemas/version.ts'
import { errorOfMetric, type Instrument } from '../instrument.ts'
import type { RunReport, Summary } from '../report.ts'
import { windowJson } from '../window.ts'
import type { Format } from './format.ts'
import { percentileName } from './number.ts'

/** Of the shape below; AIPerf's summary has its own number. */
const SCHEMA_VERSION = '1.0'

/** AIPerf's summary: a metric's tag is a top-level key. What was not measured is absent. Several runs make a list. */
export const json: Format = runs => {
  const all = runs.map(jsonOf)
  return `${JSON.stringify(all.length === 1 ? all[0] : all, null, 2)}\n`
}

function jsonOf(run: RunReport): object {
  const { manifest, verdict, checks, shards, metrics, failures } = run
  return {
    schema_version: SCHEMA_VERSION,
    tokentape_version: tokentapeVersion(),
    run_id: run.runId,
    ...(run.firstNs === null ? {} : { start_time: wallTime(run, run.firstNs) }),
    ...(run.lastNs === null ? {} : { end_time: wallTime(run, run.lastNs) }),
    ...(run.window ? { window: windowJson(run.window) } : {}),
    was_cancelled: manifest.outcome === 'interrupted',
    verdict,
    checks: checks.map(({ name, severity, message, hint, n_requests }) => ({
      name,
      severity,
      message,
      hint,
      ...(n_requests === null ? {} : { n_requests }),
    })),
    ...(shards.length === 0
      ? {}
      : { shards: shards.map(({ offsetNs, ...shard }) => ({ ...shard, offset_ns: offsetNs })) }),
    ...(run.instrument ? { instrument: instrumentJson(run.instrument) } : {}),
    ...Object.fromEntries(
      metrics.map(summary => [summary.metric.name, statisticsOf(summary, run.instrument)]),
    ),
    ...(run.prompts ? { prompt_tokens: run.prompts } : {}),
    input_config: manifest.plan,
    error_summary: failures.map(({ outcome, status, detail, n_requests }) => ({
      error_details: {
        ...(status === null ? {} : { code: status }),
        type: outcome,
        ...(detail === null ? {} : { message: detail }),
      },
      count: n_requests,
    })),
  }
}

const instrumentJson = ({ streams, readsPerSecond, level }: Instrument): object => ({
  streams,
  reads_per_second: readsPerSecond,
  calibrated_at: level
    ? { streams: level.streams, tokens_per_second: level.tokens_per_second }
    : null,
})

function statisticsOf(summary: Summary, instrument: Instrument | undefined): object {
  const { metric, avg, min, max, std, n, sum, percentiles } = summary
  if (metric.grain === 'run') return { unit: metric.shown, avg }
  const named = [...percentiles].map(([percent, value]) => [percentileName(percent), value])
  const statistics = { avg, min, max, ...Object.fromEntries(named), std, count: n, sum }
  // What is infinite, as where failures count as such, is left out: JSON has no word for it.
  const finite = Object.entries(statistics).filter(([, value]) => Number.isFinite(value))
  const error = instrument?.level && errorOfMetric(metric, instrument.level)
  return {
    unit: metric.shown,
    ...Object.fromEntries(finite),
    ...(error === undefined ? {} : { instrument_error_p99: error }),
  }
}

/** An instant of the run on the wall clock. */
const wallTime = ({ manifest }: RunReport, atNs: number): string | undefined => {
  if (manifest.started_at_unix_ns === null) return undefined
  const unixNs = BigInt(manifest.started_at_unix_ns) + BigInt(atNs)
  return new Date(Number(unixNs / 1_000_000n)).toISOString()
}
