import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { csv } from '../formats/csv.ts'
import { json } from '../formats/json.ts'
import { TABLE_FORMATS } from '../formats/tables.ts'
import type { Tapes } from '../open-tapes.ts'
import { AIPERF_PERCENTILES, reportOf } from '../report.ts'
import type { Run } from '../runs.ts'
import { askSlices } from '../slices.ts'
import { slicesTables } from '../slices-tables.ts'
import { configOf } from './aiperf-config.ts'
import { isAiperf } from './aiperf-metrics.ts'
import { writeRecords } from './aiperf-records.ts'
import type { Exporter, ExportOptions } from './exporter.ts'

/** The schema of AIPerf's summary that ours follows. */
const SCHEMA_VERSION = '1.4'

/** AIPerf's artifacts: records, summary and time slices, under its names. */
export const aiperf: Exporter = {
  summary: "AIPerf's profile_export.jsonl, …_aiperf.json/.csv and …_aiperf_timeslices.json/.csv",
  writes: 'directory',
  holdsSeveral: false,
  async write(tapes, [run], folder, options) {
    const left = await writeRecords(tapes, run!, join(folder, 'profile_export.jsonl'))
    if (left > 0)
      options.err(`note: ${left} requests are no record: they were not sent, or have no end\n`)
    if (run!.manifest.started_at_unix_ns === null)
      options.err('note: the wall clock is not known: instants count from the start of the run\n')
    await writeSummary(tapes, run!, folder)
    if (options.sliceNs !== undefined) await writeSlices(tapes, run!, folder, options)
  },
}

async function writeSummary(tapes: Tapes, run: Run, folder: string): Promise<void> {
  const id = run.manifest.run_id
  const reports = await reportOf(tapes, AIPERF_PERCENTILES, isAiperf)
  const summary = reports.find(({ runId }) => runId === id)!
  const shape = { columns: AIPERF_PERCENTILES, percentiles: AIPERF_PERCENTILES }
  const value = JSON.parse(json([summary], shape))
  const written = {
    ...value,
    schema_version: SCHEMA_VERSION,
    benchmark_id: id,
    input_config: configOf(run),
  }
  for (const { error_details } of written.error_summary) asAiperf(error_details)
  writeFileSync(join(folder, 'profile_export_aiperf.json'), `${JSON.stringify(written, null, 2)}\n`)
  writeFileSync(join(folder, 'profile_export_aiperf.csv'), csv([summary], shape))
}

/** An error as its records have it: a code is an HTTP status, or 499 where a request was given up. */
function asAiperf(error: { code?: number; type: string; message?: string }): void {
  error.message ??= error.type
  if (error.type === 'cancelled') {
    error.code = 499
    error.type = 'RequestCancellationError'
  } else if (error.type !== 'http_error') delete error.code
}

async function writeSlices(
  tapes: Tapes,
  run: Run,
  folder: string,
  { sliceNs }: ExportOptions,
): Promise<void> {
  const metrics = tapes.metrics.filter(
    metric => isAiperf(metric) && metric.grain !== 'run' && !metric.name.startsWith('adj_'),
  )
  const slices = await askSlices(tapes, {
    widthNs: sliceNs,
    metrics,
    percentiles: AIPERF_PERCENTILES,
    slos: [],
    by: 'start',
  })
  const own = slices.filter(({ runId }) => runId === run.manifest.run_id)
  const answer = slicesTables(own, { columns: [], chosen: false, trends: [], windows: [] })
  const { timeslices } = answer.json as { timeslices: Record<string, unknown>[] }
  const zero = run.manifest.started_at_unix_ns
  const file = join(folder, 'profile_export_aiperf_timeslices')
  const value = {
    timeslices: timeslices.map(slice => ({
      ...slice,
      // Beyond 2^53: as text first, since JSON.stringify would round them.
      start_ns: wall(zero, slice['start_ns']),
      end_ns: wall(zero, slice['end_ns']),
    })),
    input_config: configOf(run),
  }
  const text = JSON.stringify(value, null, 2).replace(/"((?:start|end)_ns)": "(\d+)"/g, '"$1": $2')
  writeFileSync(`${file}.json`, `${text}\n`)
  writeFileSync(`${file}.csv`, TABLE_FORMATS['csv']!(answer))
}

const wall = (zero: string | null, ns: unknown): string =>
  String(BigInt(zero ?? 0) + BigInt(Number(ns)))
