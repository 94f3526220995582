import type { Tapes } from '../open-tapes.ts'
import { quoted } from '../quoted.ts'
import { divisorOf } from '../report.ts'
import { requestMetricsOf } from '../request-metrics.ts'
import type { Row } from '../rows.ts'
import type { Run } from '../runs.ts'
import { inRecords } from './aiperf-metrics.ts'
import { rowsByRange } from './request-ranges.ts'
import { writeText } from './text-file.ts'

/**
 * Writes AIPerf's profile_export.jsonl: a line a request, its metrics in the units that people read.
 *
 * @returns  how many requests are no record: they were not sent, or have no end
 */
export async function writeRecords(tapes: Tapes, run: Run, path: string): Promise<number> {
  const metrics = tapes.metrics.filter(inRecords)
  const id = quoted(run.manifest.run_id)
  await tapes.query(
    `create or replace temp table _record_metrics as
     from (${requestMetricsOf(metrics)}) where run_id = ${id}`,
  )
  const rows = await tapes.query('from _record_metrics')
  const valuesById = new Map(rows.map(row => [Number(row['request_id']), row]))
  const valuesOf = (requestId: number): [tag: string, value: object][] =>
    metrics.flatMap(metric => {
      // Columns of instants are in milliseconds already.
      const value = valuesById.get(requestId)?.[metric.column!]
      if (value === null || value === undefined) return []
      const shown = metric.unit === 'ns' ? (Number(value) * 1e6) / divisorOf(metric) : Number(value)
      return [[metric.name, { value: shown, unit: metric.shown }]]
    })
  let written = 0
  await writeText(path, async file => {
    for await (const record of rowsByRange(tapes, run, 'aiperf_records')) {
      file.add(`${lineOf(record, valuesOf(Number(record['request_id'])))}\n`)
      written++
    }
  })
  return rows.length - written
}

function lineOf(record: Row, values: [string, object][]): string {
  const failed = record['outcome'] !== 'ok'
  const gaps = record['gaps_ms'] as number[] | null
  const metrics = failed
    ? record['input_tokens'] === null
      ? {}
      : { error_isl: { value: Number(record['input_tokens']), unit: 'tokens' } }
    : {
        ...Object.fromEntries(values),
        ...(gaps ? { inter_chunk_latency: { value: gaps, unit: 'ms' } } : {}),
      }
  const error = failed
    ? {
        code: record['error_code'],
        type: record['error_type'],
        message: record['error_message'],
      }
    : null
  return `{"metadata":${metadataOf(record)},"metrics":${JSON.stringify(metrics)},"error":${JSON.stringify(error)}}`
}

/** JSON of the metadata. Instants are beyond 2^53: they are written as the digits they have. */
function metadataOf(record: Row): string {
  const instant = (name: string): string => String(record[name] ?? null)
  const cancelled = record['was_cancelled'] === true
  const fields: [string, string][] = [
    ...(['session_num', 'x_request_id'] as const).map(field),
    ['x_correlation_id', JSON.stringify(record['conversation_id'])],
    ...(['conversation_id', 'turn_index'] as const).map(field),
    ...(record['credit_issued_ns'] === null
      ? []
      : [['credit_issued_ns', instant('credit_issued_ns')] as [string, string]]),
    ['request_start_ns', instant('request_start_ns')],
    ['request_ack_ns', instant('request_ack_ns')],
    ['request_end_ns', instant('request_end_ns')],
    field('worker_id'),
    ['record_processor_id', '"tokentape"'],
    field('benchmark_phase'),
    ['was_cancelled', String(cancelled)],
    ['cancellation_time_ns', cancelled ? instant('request_end_ns') : 'null'],
  ]
  return `{${fields.map(([name, json]) => `"${name}":${json}`).join(',')}}`

  function field(name: string): [string, string] {
    return [name, JSON.stringify(record[name])]
  }
}
