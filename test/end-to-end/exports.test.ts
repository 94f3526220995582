import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configOf } from '../../analyzer/exports/aiperf-config.ts'
import { vllmLoad } from '../../analyzer/exports/vllm-load.ts'
import { configOf as readConfig } from '../../analyzer/imports/aiperf-config.ts'
import { fieldsOf } from '../../analyzer/imports/fields.ts'
import type { Run } from '../../analyzer/runs.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()

const MOMENTS = `
  select request_id, outcome, first_content_ns - sent_ns as ttft_ns, last_content_ns - sent_ns as latency_ns, n_chunks
  from requests order by request_id`

async function momentsOf(tape: string): Promise<string> {
  const { out, code, err } = await tokentape('sql', tape, MOMENTS, '--format', 'json')
  expect(code, err).toBe(0)
  return out
}

test('a recorded run goes to AIPerf and back, and every latency is the same', async () => {
  const server = await simulator('--ttft-ms', '20', '--itl-ms', '3', '--itl-jitter-ms', '1')
  const tape = path('run.tape')
  const recorded = await tokentape(
    ...['record', '--model', 'simulated', '--url', server.url, '--streaming'],
    ...['--concurrency', '4', '--request-count', '12', '--isl', '20', '--osl', '15', '-o', tape],
  )
  expect(recorded.code, recorded.err).toBe(0)
  await server.stop()
  const results = path('aiperf')
  const exported = await tokentape('export', tape, '--format', 'aiperf', '-o', results)
  expect(exported.code, exported.err).toBe(0)
  const back = path('back.tape')
  const imported = await tokentape('import', results, '--from', 'aiperf', '-o', back)
  expect(imported.code, imported.err).toBe(0)
  expect(await momentsOf(back)).toBe(await momentsOf(tape))

  // vLLM counts from the first message with a token to the last: the recorded reads say when that was.
  const file = path('vllm.json')
  expect((await tokentape('export', tape, '--format', 'vllm', '-o', file)).code).toBe(0)
  const again = path('vllm.tape')
  expect((await tokentape('import', file, '--from', 'vllm', '-o', again)).code).toBe(0)
  const choices = `
    select at_ns - sent_ns as ns
    from messages join requests using (run_id, request_id)
    where content_index is not null
    order by request_id, message_index`
  const [ours, theirs] = await Promise.all(
    [tape, again].map(
      async name => (await tokentape('sql', name, choices, '--format', 'json')).out,
    ),
  )
  const numbers = (text: string): number[] => JSON.parse(text).map(({ ns }: { ns: number }) => ns)
  expect(numbers(theirs!)).toHaveLength(numbers(ours!).length)
  // Seconds as doubles, added up: within some nanoseconds.
  for (const [i, at] of numbers(theirs!).entries())
    expect(Math.abs(at - numbers(ours!)[i]!)).toBeLessThan(20)

  // In a Parquet reader of anybody's an imported tape says what it knows, and no more.
  const events = await rowsOf(
    `select kind, count(n_bytes) as bytes from read_parquet('${back}/events-0.parquet') group by kind order by kind`,
  )
  expect(events).toEqual([
    { kind: 'end', bytes: '0' },
    { kind: 'headers', bytes: '0' },
    { kind: 'sent', bytes: '0' },
  ])
})

type LoadCase = {
  flags: string[]
  vllm: object
  loadgen: object
  phase: object
  /** What the export says of what vLLM has no word for. */
  note?: string
}

/** Each load mode as the recorder plans it, and what vLLM and AIPerf call that load. */
const LOADS: Record<string, LoadCase> = {
  'closed loop': {
    flags: ['--concurrency', '3', '--request-count', '6'],
    vllm: { request_rate: 'inf', burstiness: 1, max_concurrency: 3 },
    loadgen: { concurrency: 3, request_count: 6 },
    phase: { type: 'concurrency', concurrency: 3, requests: 6 },
  },
  'constant rate': {
    flags: ['--request-rate', '40', '--arrival-pattern', 'constant', '--request-count', '6'],
    vllm: { request_rate: 40, burstiness: 'inf', max_concurrency: null },
    loadgen: { request_rate: 40, arrival_pattern: 'constant', request_count: 6 },
    phase: { type: 'constant', rate: 40, requests: 6 },
  },
  'Poisson, bounded': {
    flags: ['--request-rate', '50', '--concurrency', '4', '--num-sessions', '6'],
    vllm: { request_rate: 50, burstiness: 1, max_concurrency: 4 },
    loadgen: { request_rate: 50, arrival_pattern: 'poisson', concurrency: 4, num_sessions: 6 },
    phase: { type: 'poisson', rate: 50, concurrency: 4, sessions: 6 },
  },
  gamma: {
    flags: [
      ...['--request-rate', '50', '--arrival-pattern', 'gamma', '--arrival-smoothness', '2.5'],
      ...['--benchmark-duration', '0.2'],
    ],
    vllm: { request_rate: 50, burstiness: 2.5, max_concurrency: null },
    loadgen: {
      ...{ request_rate: 50, arrival_pattern: 'gamma', arrival_smoothness: 2.5 },
      benchmark_duration: 0.2,
    },
    phase: { type: 'gamma', rate: 50, smoothness: 2.5, duration: 0.2 },
  },
  ramp: {
    flags: [
      ...['--request-rate', '50', '--request-rate-ramp-duration', '0.2'],
      ...['--request-count', '6'],
    ],
    vllm: { request_rate: null, burstiness: null, max_concurrency: null },
    loadgen: { arrival_pattern: 'poisson', request_count: 6 },
    phase: { type: 'poisson', rate: 50, rate_ramp: 0.2, requests: 6 },
    note: 'note: its rate changed with time: request_rate is null\n',
  },
  'fixed schedule': {
    flags: ['--custom-dataset-type', 'mooncake_trace', '--input-file', 'TRACE'],
    vllm: { request_rate: null, burstiness: null, max_concurrency: null },
    loadgen: { fixed_schedule: true, num_sessions: 6 },
    phase: { type: 'fixed_schedule', sessions: 6 },
    note: 'note: requests were sent by a schedule: request_rate is null\n',
  },
  'user-centric': {
    flags: [
      ...['--user-centric-rate', '40', '--num-users', '2', '--session-turns-mean', '2'],
      ...['--num-sessions', '3'],
    ],
    vllm: { request_rate: 40, burstiness: 'inf', max_concurrency: null },
    loadgen: { user_centric_rate: 40, num_users: 2, num_sessions: 3 },
    phase: { type: 'user_centric', rate: 40, users: 2, sessions: 3 },
  },
}

/** One short recording of each load mode. */
const recordings = (async () => {
  const server = await simulator('--ttft-ms', '10', '--itl-ms', '2')
  const trace = path('six.jsonl')
  const line = (i: number) => ({ timestamp: 10 * i, input_length: 20, output_length: 5 })
  writeFileSync(trace, Array.from({ length: 6 }, (_, i) => `${JSON.stringify(line(i))}\n`).join(''))
  const tapes = new Map<string, string>()
  for (const [name, { flags }] of Object.entries(LOADS)) {
    const tape = path(`${name.replace(/\W+/g, '-')}.tape`)
    const traced = flags.includes('TRACE')
    const recorded = await tokentape(
      ...['record', '--model', 'simulated', '--url', server.url, '--streaming', '-o', tape],
      ...['--run-id', name.replace(/\W+/g, '-')],
      ...(traced ? [] : ['--isl', '20', '--osl', '5']),
      ...flags.map(flag => (flag === 'TRACE' ? trace : flag)),
    )
    expect(recorded.code, `${name}: ${recorded.err}`).toBe(0)
    tapes.set(name, tape)
  }
  await server.stop()
  return tapes
})()

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

async function exported(format: string, output: string, ...tapes: string[]): Promise<string> {
  const { code, err } = await tokentape('export', ...tapes, '--format', format, '-o', output)
  expect(code, err).toBe(0)
  return err
}

/** What an import of a file says of the load, as the manifest of its tape. */
async function importedRun(output: string, from: string): Promise<Run> {
  const tape = `${output}.tape`
  const { code, err } = await tokentape('import', output, '--from', from, '-o', tape)
  expect(code, err).toBe(0)
  return { manifest: read(join(tape, 'run.json')) } as Run
}

describe('the load of the run', () => {
  test.each(Object.entries(LOADS))(
    '%s: in vLLM\u2019s file and AIPerf\u2019s, and in what is imported of them',
    async (name, load) => {
      const tape = (await recordings).get(name)!
      const { vllm, loadgen, phase, note } = load
      const file = `${tape}.json`
      const err = await exported('vllm', file, tape)
      expect(err).toContain(note ?? 'note: ')
      expect(err.includes('request_rate is null')).toBe(note !== undefined)
      const result = read(file)
      expect(result).toMatchObject({ ...vllm, backend: 'openai-chat', rtfx: 0 })
      expect(result.errors.every((error: string) => error === '')).toBe(true)
      expect(result.queue_times).toHaveLength(result.num_prompts)
      expect(result.queue_times.every((s: number) => s >= 0 && s < 5)).toBe(true)
      expect(result.max_concurrent_requests).toBeGreaterThan(0)
      expect(vllmLoad(await importedRun(file, 'vllm')).fields).toMatchObject(vllm)

      // The summary of AIPerf's takes a report of every metric: here its part that says the load.
      const input_config = configOf({ manifest: read(join(tape, 'run.json')) } as Run)
      const said = { loadgen, phases: [{ name: 'profiling', kind: 'profiling', ...phase }] }
      expect(input_config).toMatchObject(said)
      const { plan } = readConfig(fieldsOf(input_config, 'input_config'))
      expect(configOf({ manifest: { ...read(join(tape, 'run.json')), plan } } as Run)).toEqual(
        input_config,
      )
    },
  )

  test('the formats that have no load write the same requests', async () => {
    const tapes = [...(await recordings).values()]
    await exported('csv', path('all.csv'), ...tapes)
    await exported('perfetto', path('all.trace'), ...tapes)
    await exported('hgrm', path('all.hgrm'), ...tapes)
    const { traceEvents } = read(path('all.trace'))
    const rows = readFileSync(path('all.csv'), 'utf8').trim().split('\n')
    const whole = traceEvents.filter(({ name }: { name: string }) => name === 'request')
    expect(whole).toHaveLength(rows.filter(row => row.includes(',ok,')).length)
    expect(whole.length).toBeGreaterThan(30)
    for (const name of Object.keys(LOADS).map(each => each.replace(/\W+/g, '-')))
      expect(readdirSync(join(path('all.hgrm'), name))).toContain('time_to_first_token.hgrm')
  })
})
