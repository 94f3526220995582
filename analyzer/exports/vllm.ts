import { askDialects, readingsOf } from '../dialects.ts'
import { askedLoad } from '../load.ts'
import type { Tapes } from '../open-tapes.ts'
import { quoted } from '../quoted.ts'
import type { Row } from '../rows.ts'
import type { Run } from '../runs.ts'
import type { Exporter } from './exporter.ts'
import { rowsByRange } from './request-ranges.ts'
import { type TextFile, writeText } from './text-file.ts'
import { vllmLoad } from './vllm-load.ts'

const PERCENTILES = [50, 90, 95, 99]
const NAMES = { ttft: 'ttft', tpot: 'tpot', itl: 'itl', latency: 'e2el' } as const

/** What `vllm bench serve --save-result --save-detailed` writes, by vLLM's own definitions. */
export const vllm: Exporter = {
  summary: "vLLM's --save-result --save-detailed JSON, by its definitions",
  writes: 'file',
  holdsSeveral: false,
  async write(tapes, [run], path, options) {
    const load = vllmLoad(run!)
    const summary = await summaryOf(tapes, run!, load.fields)
    const requests = await requestsOf(tapes, run!)
    await writeText(path, file => writeObject(file, { tapes, run: run!, summary, requests }))
    options.err("note: by the definitions of vLLM's Python client: report --as vllm\n")
    if (load.note) options.err(`note: ${load.note}\n`)
  },
}

/** Scalars, in vLLM's order and under its names. */
async function summaryOf(
  tapes: Tapes,
  run: Run,
  { endpoint_type, backend, ...load }: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { manifest } = run
  const id = manifest.run_id
  const answer = await askDialects(tapes, PERCENTILES, 'vllm')
  const readings = new Map(
    readingsOf(answer, id, 'vllm').map(reading => [reading.metric.metric, reading]),
  )
  const single = (
    name: 'requests' | 'output_tokens' | 'duration' | 'request_rate' | 'output_token_rate',
  ): number | null => readings.get(name)?.mean ?? null
  const [counts] = await tapes.query(`
    select count(*) as n, sum(coalesce(usage_prompt_tokens, input_tokens)) filter (counts) as n_input
    from _read_requests join requests using (run_id, request_id)
    where run_id = ${quoted(id)} and ${IS_VLLM}`)
  const deviations = await tapes.query(`
    select metric, stddev_pop(value order by value) / 1e6 as std
    from (from _samples union all by name from _gaps)
    where run_id = ${quoted(id)} and ${IS_VLLM} group by metric`)
  await tapes.query(
    `create or replace temp table _vllm_requests as from _read_requests where run_id = ${quoted(id)} and ${IS_VLLM}`,
  )
  const [peaks] = await tapes.query(`from vllm_peaks('_vllm_requests')`)
  const completed = single('requests') ?? 0
  const nInput = Number(counts!['n_input'] ?? 0)
  const nOutput = single('output_tokens') ?? 0
  const duration = single('duration')
  return {
    date: dateOf(run),
    endpoint_type,
    backend,
    label: null,
    model_id: manifest.endpoint.model,
    tokenizer_id: manifest.tokenizer.id,
    num_prompts: Number(counts!['n']),
    ...load,
    duration,
    completed,
    failed: Number(counts!['n']) - completed,
    total_input_tokens: nInput,
    total_output_tokens: nOutput,
    request_throughput: single('request_rate'),
    request_goodput: null,
    output_throughput: single('output_token_rate'),
    total_token_throughput: duration ? (nInput + nOutput) / duration : null,
    max_output_tokens_per_s: peaks?.['max_output_tokens_per_s'] ?? (completed === 0 ? 0 : null),
    max_concurrent_requests: peaks?.['max_concurrent_requests'] ?? (completed === 0 ? 0 : null),
    // Seconds of audio that were sent for each second: there is no audio.
    rtfx: 0,
    ...Object.fromEntries(
      Object.entries(NAMES).flatMap(([metric, name]) => {
        const reading = readings.get(metric as keyof typeof NAMES)
        const std = deviations.find(row => row['metric'] === metric)
        return [
          [`mean_${name}_ms`, reading?.mean ?? null],
          [`median_${name}_ms`, reading?.percentiles[0] ?? null],
          [`std_${name}_ms`, std?.['std'] ?? null],
          ...PERCENTILES.map((p, i) => [`p${p}_${name}_ms`, reading?.percentiles[i] ?? null]),
        ]
      }),
    ),
  }
}

/** Rows of the tables that askDialects leaves behind: those that vLLM's rules read. */
const IS_VLLM = 'reading in (select reading from _steps where is_dialect)'

/**
 * Each request of the profiling phase as vLLM reads it: what failed has zeros, as it writes them. What is not known of
 * a success is null. A request is there for vLLM from when it was due; in a closed loop, whose sessions have one turn,
 * all are from the beginning.
 */
function requestsOf(tapes: Tapes, { manifest }: Run): Promise<Row[]> {
  const { mode, multiTurn } = askedLoad(manifest)
  const due =
    mode?.kind === 'closed-loop' && !multiTurn ? 'min(requests.sent_ns) over ()' : 'scheduled_ns'
  return tapes.query(`
    select
      request_id,
      counts,
      case when counts then coalesce(usage_prompt_tokens, input_tokens) else input_tokens end as input_len,
      case when counts then n_tokens else 0 end as output_len,
      case when starts_known then requests.sent_ns / 1e9 end as start_time,
      case when starts_known then (requests.sent_ns - ${due}) / 1e9 end as queue_time,
      case when counts then (first_ns - start_ns) / 1e9 else 0 end as ttft,
      case when counts then (until_ns - start_ns) / 1e9 else 0 end as latency,
      coalesce(detail, outcome) as error
    from _read_requests join requests using (run_id, request_id)
    where run_id = ${quoted(manifest.run_id)} and ${IS_VLLM} and requests.sent_ns is not null
    order by request_id`)
}

const ARRAYS: Record<string, (row: Row) => unknown> = {
  input_lens: row => row['input_len'],
  output_lens: row => row['output_len'],
  ttfts: row => row['ttft'],
  latencies: row => row['latency'],
  start_times: row => row['start_time'],
  queue_times: row => row['queue_time'],
  errors: row => (row['counts'] ? '' : row['error']),
}

type Content = { tapes: Tapes; run: Run; summary: Record<string, unknown>; requests: Row[] }

/** The object as text, since its lists of gaps may be more than memory holds. */
async function writeObject(file: TextFile, content: Content): Promise<void> {
  const { summary, requests } = content
  file.add(JSON.stringify(summary).slice(0, -1))
  for (const [name, cell] of Object.entries(ARRAYS)) {
    if (name === 'start_times' && requests.some(row => cell(row) === null)) continue
    file.add(`,"${name}":[${requests.map(row => JSON.stringify(cell(row))).join(',')}]`)
  }
  await addList(file, content, 'itls', gaps => gaps['gaps_sec'] ?? [], [])
  await addList(file, content, 'generated_texts', gaps => gaps['text'] ?? '', '')
  file.add('}\n')
}

/** A list with a place for each request, of what its messages say. */
async function addList(
  file: TextFile,
  { tapes, run, requests }: Content,
  name: string,
  cell: (gaps: Row) => unknown,
  empty: unknown,
): Promise<void> {
  file.add(`,"${name}":[`)
  let place = 0
  const add = (value: unknown): void =>
    file.add(`${place++ === 0 ? '' : ','}${JSON.stringify(value)}`)
  for await (const gaps of rowsByRange(tapes, run, 'vllm_gaps')) {
    // Requests without a message have no row, and those of the warm-up have no place.
    while (
      place < requests.length &&
      Number(requests[place]!['request_id']) < Number(gaps['request_id'])
    )
      add(empty)
    const row = requests[place]
    if (row && row['request_id'] === gaps['request_id']) add(row['counts'] ? cell(gaps) : empty)
  }
  while (place < requests.length) add(empty)
  file.add(']')
}

/** vLLM's form: 20260901-120000. Ours is UTC. */
function dateOf({ manifest }: Run): string | null {
  if (manifest.started_at_unix_ns === null) return null
  const ms = Number(BigInt(manifest.started_at_unix_ns) / 1_000_000n)
  return new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
}
