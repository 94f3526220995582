import { createHash } from 'node:crypto'
import type { Manifest } from '../../schemas/manifest.ts'
import type { HealthRow, RequestRow } from '../../schemas/tables.ts'
import { FORMAT_VERSION } from '../../schemas/tape.ts'

/** The manifest of a made-up tape that is still being recorded. */
export const manifestOf = (keep: Manifest['keep'], lanes: number): Manifest => ({
  format: 'tokentape',
  format_version: FORMAT_VERSION,
  state: 'recording',
  run_id: 'bench',
  started_at_unix_ns: '1764000000000000000',
  monotonic_zero_ns: '1000000000',
  argv: ['record', '--model', 'm'],
  plan: { model: 'm', concurrency: 100 },
  seed: 0,
  keep,
  lanes,
  shard: { index: 0, of: 1 },
  endpoint: { type: 'chat', streaming: true, urls: ['http://localhost:8000'], model: 'm' },
  dataset: { kind: 'synthetic', digest: '' },
  tokenizer: { id: 'builtin', digest: '' },
  clock: { source: 'CLOCK_MONOTONIC', kernel_clocksource: 'tsc' },
  host: {},
})

export const requestRow = (id: number): RequestRow => ({
  request_id: id,
  lane: 0,
  phase: 'profiling',
  session_id: null,
  turn: 0,
  dataset_row: null,
  input_tokens: 550,
  history_tokens: null,
  requested_output_tokens: 500,
  hash_ids: null,
  model: 'meta-llama/Llama-3.1-8B-Instruct',
  url: 'http://localhost:8000/v1/chat/completions',
  body_bytes: 2400 + (id % 97),
  body_digest: createHash('sha256').update(String(id)).digest('hex').slice(0, 32),
  body: null,
})

export function healthRow(atNs: number, random: () => number): HealthRow {
  const about = (value: number): number => Math.round(value * (0.5 + random()))
  return {
    lane: 0,
    at_ns: Math.round(atNs),
    loop_delay_max_ns: about(2e6),
    loop_delay_p99_ns: about(5e5),
    gc_minor_ns: about(3e5),
    gc_major_ns: 0,
    gc_other_ns: 0,
    gc_max_ns: about(3e5),
    cpu_lane_ns: about(2e7),
    cpu_process_ns: about(4e7),
    run_queue_wait_ns: about(1e5),
    rss_bytes: 4096 * about(3e4),
    in_flight: 100,
    sent: about(10),
    send_late_max_ns: about(1e5),
    reads: about(500),
    reads_multi: 0,
    bytes_buffered: about(1e5),
    writer_wait_ns: 0,
    unasked_reads: 0,
  }
}
