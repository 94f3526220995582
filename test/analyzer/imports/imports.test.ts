import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openTapes } from '../../../analyzer/open-tapes.ts'
import { analyze } from '../../support/analyze.ts'
import { writeTape } from '../../support/tape.ts'

const folder = mkdtempSync(join(tmpdir(), 'imports-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = (name: string): string => join(folder, name)

function written(name: string, content: string | object): string {
  writeFileSync(path(name), typeof content === 'string' ? content : JSON.stringify(content))
  return path(name)
}

async function imported(tool: string, file: string, ...more: string[]): Promise<string> {
  const tape = path(`${tool}-${readdirSync(folder).length}.tape`)
  const { code, err } = await analyze('import', file, '--from', tool, '-o', tape, ...more)
  expect(err).toContain(`${tape}: `)
  expect(code).toBe(0)
  return tape
}

async function rowsOf(tape: string, sql: string) {
  const tapes = await openTapes([tape], { err: () => {} })
  try {
    return await tapes.query(sql)
  } finally {
    tapes.close()
  }
}

const REQUESTS = `
  select request_id as id, phase, outcome, status, sent_ms, ttft_ms, latency_ms, itl_ms, isl_tokens as isl, osl_tokens as osl
  from request_metrics order by request_id`

const manifestOf = (tape: string) => JSON.parse(readFileSync(join(tape, 'run.json'), 'utf8'))

const aiperfRecord = (metadata: string, metrics: object, error: object | null = null): string =>
  `{"metadata":{${metadata},"worker_id":"w","record_processor_id":"r"},"metrics":${JSON.stringify(metrics)},"error":${JSON.stringify(error)}}\n`
const ms = (value: unknown) => ({ value, unit: 'ms' })
const tokens = (value: number) => ({ value, unit: 'tokens' })

const AIPERF = [
  // 1764000000000000123 is no double: its last digits must survive.
  aiperfRecord(
    '"session_num":0,"x_correlation_id":"c","turn_index":1,"benchmark_phase":"profiling","was_cancelled":false,"credit_issued_ns":1764000000000000100,"request_start_ns":1764000000000000123,"request_ack_ns":1764000000005000123,"request_end_ns":1764000000090000123',
    {
      time_to_first_token: ms(20.000001),
      request_latency: ms(80),
      inter_chunk_latency: ms([10, 49.999999]),
      input_sequence_length: tokens(7),
      output_sequence_length: tokens(5),
      usage_completion_tokens: tokens(6),
    },
  ),
  aiperfRecord(
    '"session_num":1,"benchmark_phase":"profiling","was_cancelled":false,"request_start_ns":1764000000001000123,"request_ack_ns":null,"request_end_ns":1764000000002000123',
    { error_isl: tokens(9) },
    { code: 503, type: 'HTTPError', message: 'overloaded' },
  ),
  aiperfRecord(
    '"session_num":2,"benchmark_phase":"warmup","was_cancelled":true,"request_start_ns":1764000000002000123,"request_ack_ns":null,"request_end_ns":1764000000003000123',
    {},
    { code: 499, type: 'RequestCancellationError', message: 'given up' },
  ),
].join('')

test('what another tool does not tell of connections has no value: it is not a connection reused', async () => {
  const tape = await imported('aiperf', written('connections.jsonl', AIPERF))
  expect(
    await rowsOf(
      tape,
      `select connection_reused, connection_overhead_ms, connect_ms, http_duration_ms, headers_wait_ms, setup_ms, http_total_ms
      from request_metrics where outcome = 'ok' and phase = 'profiling'`,
    ),
  ).toEqual([
    {
      connection_reused: null,
      connection_overhead_ms: null,
      connect_ms: null,
      http_duration_ms: null,
      headers_wait_ms: null,
      // What needs no connection is there.
      setup_ms: 5,
      http_total_ms: 90,
    },
  ])
  expect(await rowsOf(tape, 'select connections_known from raw_runs')).toEqual([
    { connections_known: false },
  ])
  expect(await rowsOf(tape, "from checks where name = 'connections_opened'")).toEqual([])
})

test('aiperf: instants to the nanosecond, gaps, failures, what it told of tokens', async () => {
  mkdirSync(path('artifacts'))
  written('artifacts/profile_export.jsonl', AIPERF)
  written('artifacts/profile_export_aiperf.json', {
    was_cancelled: false,
    input_config: { endpoint: { model_names: ['llm'], type: 'chat' }, loadgen: { concurrency: 4 } },
  })
  const tape = await imported('aiperf', path('artifacts'))
  expect(await rowsOf(tape, REQUESTS)).toEqual([
    {
      id: 0,
      phase: 'profiling',
      outcome: 'ok',
      status: null,
      sent_ms: 23e-6,
      ttft_ms: 20.000001,
      latency_ms: 80,
      itl_ms: 14.99999975,
      isl: 7,
      osl: 5,
    },
    {
      id: 1,
      phase: 'profiling',
      outcome: 'http_error',
      status: 503,
      sent_ms: 1.000023,
      ttft_ms: null,
      latency_ms: null,
      itl_ms: null,
      isl: null,
      osl: null,
    },
    {
      id: 2,
      phase: 'warmup',
      outcome: 'cancelled',
      status: null,
      sent_ms: 2.000023,
      ttft_ms: null,
      latency_ms: null,
      itl_ms: null,
      isl: null,
      osl: null,
    },
  ])
  // It knows that headers came, and not which.
  expect(await rowsOf(tape, 'from response_headers')).toEqual([])
  const [request] = await rowsOf(
    tape,
    `select dequeued_ns, headers_ns - sent_ns as ack_ns, end_ns - sent_ns as end_ns, session_id, turn, output_tokens_source,
       input_tokens_source, usage_completion_tokens, answer_bytes, n_reads, scheduled_ns from requests where request_id = 0`,
  )
  expect(request).toEqual({
    // The first thing known is the zero.
    dequeued_ns: 0,
    ack_ns: 5_000_000,
    end_ns: 90_000_000,
    session_id: 'c',
    turn: 1,
    output_tokens_source: 'imported',
    input_tokens_source: 'imported',
    usage_completion_tokens: 6,
    answer_bytes: null,
    n_reads: 0,
    scheduled_ns: null,
  })
  expect(
    await rowsOf(
      tape,
      'select at_ns, gap_ns, tokens, read_seq from messages where request_id = 0 and content_index is not null order by message_index',
    ),
  ).toEqual([
    { at_ns: 20_000_024, gap_ns: null, tokens: null, read_seq: null },
    { at_ns: 30_000_024, gap_ns: 10_000_000, tokens: null, read_seq: null },
    { at_ns: 80_000_023, gap_ns: 49_999_999, tokens: null, read_seq: null },
  ])
  expect(await rowsOf(tape, 'select detail from requests where request_id = 1')).toEqual([
    { detail: 'HTTP 503: HTTPError: overloaded' },
  ])
  expect(manifestOf(tape)).toMatchObject({
    started_at_unix_ns: '1764000000000000100',
    outcome: 'completed',
    keep: 'timing',
    seed: null,
    plan: { concurrency: 4 },
    endpoint: { model: 'llm', type: 'chat', streaming: true },
    imported: {
      tool: 'aiperf',
      starts_known: true,
      files: [
        { name: 'profile_export.jsonl', sha256: createHash('sha256').update(AIPERF).digest('hex') },
        { name: 'profile_export_aiperf.json' },
      ],
    },
  })
})

test('aiperf: an answer that was no stream has its latency and nothing else', async () => {
  const record = aiperfRecord(
    '"benchmark_phase":"profiling","request_start_ns":1764000000000000000,"request_end_ns":1764000000200000000',
    { request_latency: { value: 0.2, unit: 'sec' } },
  )
  const tape = await imported('aiperf', written('whole.jsonl', record))
  expect(await rowsOf(tape, REQUESTS)).toMatchObject([
    { outcome: 'ok', ttft_ms: null, latency_ms: 200, itl_ms: null, isl: null },
  ])
  expect(manifestOf(tape)).toMatchObject({ endpoint: { streaming: false, model: 'unknown' } })
  // Whether the run completed is not known without the summary.
  expect(manifestOf(tape)).not.toHaveProperty('outcome')
})

const VLLM = {
  date: '20260901-120000',
  backend: 'openai-chat',
  model_id: 'm',
  num_prompts: 3,
  request_rate: 'inf',
  max_concurrency: 2,
  ttfts: [0.1, 0.2, 0],
  itls: [[0.01, 0.02], [0.03], []],
  input_lens: [10, 11, 12],
  output_lens: [3, 2, 0],
  start_times: [81234.5, 81234.25, 81235],
  generated_texts: ['alpha', 'beta', ''],
  errors: ['', '', 'Traceback (most recent call last):\nTimeoutError: no answer'],
}

test('vllm: arrays become requests; the end of an answer and the wall clock stay unknown', async () => {
  const tape = await imported('vllm', written('vllm.json', VLLM))
  expect(await rowsOf(tape, REQUESTS)).toEqual([
    {
      id: 0,
      phase: 'profiling',
      outcome: 'ok',
      status: null,
      sent_ms: 250,
      ttft_ms: 100,
      latency_ms: 130,
      itl_ms: 15,
      isl: 10,
      osl: 3,
    },
    {
      id: 1,
      phase: 'profiling',
      outcome: 'ok',
      status: null,
      sent_ms: 0,
      ttft_ms: 200,
      latency_ms: 230,
      itl_ms: 30,
      isl: 11,
      osl: 2,
    },
    {
      id: 2,
      phase: 'profiling',
      outcome: 'failed',
      status: null,
      sent_ms: 750,
      ttft_ms: null,
      latency_ms: null,
      itl_ms: null,
      isl: null,
      osl: null,
    },
  ])
  expect(
    await rowsOf(
      tape,
      'select end_ns, first_output_ns, detail from requests where request_id <> 1 order by request_id',
    ),
  ).toEqual([
    { end_ns: null, first_output_ns: null, detail: null },
    { end_ns: null, first_output_ns: null, detail: 'TimeoutError: no answer' },
  ])
  expect(manifestOf(tape)).toMatchObject({ started_at_unix_ns: null, plan: { concurrency: 2 } })
  expect(
    await rowsOf(tape, 'select started_at_unix_ns as at, seed, imported_from from raw_runs'),
  ).toEqual([{ at: null, seed: null, imported_from: 'vllm' }])
})

test('every verb answers about an imported tape, and the verdict claims no more than is known', async () => {
  const tape = await imported(
    'vllm',
    written('verbs.json', { ...VLLM, errors: ['', '', ''], ttfts: [0.1, 0.2, 0.3] }),
  )
  const report = await analyze('report', tape)
  expect(report.out).toMatch(/^verdict: valid with warnings\n/)
  expect(report.out).toContain(
    'imported from vllm: nothing tells whether its client kept up with the answers [imported]',
  )
  for (const words of [
    ['report', tape, '--all', '--format', 'json'],
    ['goodput', tape, '--slo', 'ttft_ms <= 200'],
    ['slices', tape, '--width', '500ms'],
    ['percentiles', tape, '--percentiles', '50'],
    ['requests', tape],
    ['requests', tape, '--request', '0'],
    ['sql', tape, 'select count(*) from messages'],
    ['sql', tape, '--print-setup'],
    ['describe', tape],
  ])
    expect((await analyze(...words)).code, words[0]!).toBe(0)
  const { start_time, end_time } = JSON.parse(
    (await analyze('report', tape, '--format', 'json')).out,
  )
  expect([start_time, end_time]).toEqual([undefined, undefined])
  expect((await analyze('describe', tape)).out).toMatch(/not known +the wall clock/)
})

const { start_times: _, ...WITHOUT_STARTS } = VLLM

test('sglang: without start times only what lies within a request is told', async () => {
  const line = JSON.stringify({ ...WITHOUT_STARTS, completed: 2, request_rate: 'inf' }).replace(
    '"inf"',
    'Infinity',
  )
  const tape = await imported('sglang', written('sglang.jsonl', `${line}\n`))
  expect(
    (await rowsOf(tape, REQUESTS)).map(row => [row['ttft_ms'], row['latency_ms'], row['itl_ms']]),
  ).toEqual([
    [100, 130, 15],
    [200, 230, 30],
    [null, null, null],
  ])
  for (const metric of [
    'benchmark_duration',
    'request_throughput',
    'output_token_throughput',
    'effective_concurrency',
    'max_concurrency',
    'tokens_in_flight',
  ])
    expect(await rowsOf(tape, `from ${metric}`), metric).toEqual([])
  expect(await rowsOf(tape, `select severity from starts_unknown`)).toEqual([{ severity: 'error' }])
  expect(await analyze('slices', tape)).toMatchObject({
    code: 2,
    err: expect.stringContaining('does not tell when its requests were sent'),
  })
})

test('a file of several runs gives the one that --run names', async () => {
  const lines = [VLLM, { ...VLLM, model_id: 'second' }]
    .map(run => `${JSON.stringify(run)}\n`)
    .join('')
  const file = written('appended.json', lines)
  expect(await analyze('import', file, '--from', 'vllm', '-o', path('several.tape'))).toMatchObject(
    {
      code: 2,
      err: `error: ${file}: holds 2 runs, and a tape holds one\n  hint: say which with --run 0 to --run 1\n`,
    },
  )
  const tape = await imported('vllm', file, '--run', '1')
  expect(manifestOf(tape)).toMatchObject({
    endpoint: { model: 'second' },
    run_id: expect.stringMatching(/-1$/),
  })
  for (const run of ['2', '-1', 'x'])
    expect(
      (await analyze('import', file, '--from', 'vllm', '-o', path('several.tape'), '--run', run))
        .err,
    ).toContain(`--run: "${run}" is none of the 2 runs`)
})

const timings = (start: number, more: object) => ({
  info: {
    timings: { request_start: start, resolve_end: start + 1, targeted_start: start - 0.5, ...more },
  },
  input_metrics: { text_tokens: 8, total_tokens: 8 },
  output_metrics: { text_tokens: 4, total_tokens: 4 },
})

test('guidellm: the first and the last token, and nothing of those between', async () => {
  const start = 1764000000.25
  const tape = await imported(
    'guidellm',
    written('benchmarks.json', {
      args: { model: 'g' },
      benchmarks: [
        {
          config: { strategy: { type_: 'constant', rate: 2 } },
          requests: {
            successful: [
              timings(start, {
                first_token_iteration: start + 0.125,
                first_output_token_iteration: start + 0.125,
                last_token_iteration: start + 0.5,
                token_iterations: 4,
                request_end: start + 0.75,
              }),
            ],
            errored: [timings(start + 0.25, {})],
            incomplete: [{ info: { timings: { queued: 1 } } }],
          },
        },
      ],
    }),
  )
  expect(await rowsOf(tape, REQUESTS)).toEqual([
    {
      id: 0,
      phase: 'profiling',
      outcome: 'ok',
      status: null,
      sent_ms: 500,
      ttft_ms: 125,
      latency_ms: 500,
      itl_ms: 125,
      isl: 8,
      osl: 4,
    },
    {
      id: 1,
      phase: 'profiling',
      outcome: 'failed',
      status: null,
      sent_ms: 750,
      ttft_ms: null,
      latency_ms: null,
      itl_ms: null,
      isl: null,
      osl: null,
    },
  ])
  expect(
    await rowsOf(
      tape,
      'select scheduled_ns, end_ns, n_chunks, second_content_ns from requests where request_id = 0',
    ),
  ).toEqual([
    // The first was due before it was sent: that is the zero.
    { scheduled_ns: 0, end_ns: 1_250_000_000, n_chunks: 4, second_content_ns: null },
  ])
  for (const metric of ['inter_chunk_latency', 'max_gap', 'time_to_second_token'])
    expect(await rowsOf(tape, `from ${metric}`), metric).toEqual([])
  expect(manifestOf(tape)).toMatchObject({
    started_at_unix_ns: '1763999999750000000',
    plan: { requestRate: 2 },
    endpoint: { model: 'g' },
  })
})

const chunk = (delta: object) => JSON.stringify({ choices: [{ index: 0, delta }] })

test('inference-perf: its chunks are read as an answer is; without them the times of its tokens are', async () => {
  const tape = await imported(
    'inference-perf',
    written('per_request_lifecycle_metrics.json', [
      {
        start_time: 100,
        end_time: 101,
        info: {
          request_metrics: { text: { input_tokens: 6 } },
          response_metrics: {
            output_tokens: 3,
            server_usage: { prompt_tokens: 7, completion_tokens: 4 },
            response_chunks: [
              chunk({ role: 'assistant', content: '' }),
              chunk({ reasoning_content: 'hm' }),
              chunk({ content: 'a b' }),
              '{"choices":[],"usage":{}}',
            ],
            chunk_times: [100.125, 100.25, 100.5, 100.625],
            output_token_times: [100.5, 100.5],
          },
        },
        error: null,
      },
      {
        start_time: 100.5,
        end_time: 102,
        info: {
          input_tokens: 6,
          response_metrics: { output_tokens: 3, output_token_times: [101, 101, 101.5] },
        },
        error: null,
      },
      {
        start_time: 101,
        end_time: 103,
        info: { input_tokens: 5 },
        error: { error_type: 'TimeoutError', error_msg: 'late' },
      },
    ]),
  )
  expect(await rowsOf(tape, REQUESTS)).toEqual([
    {
      id: 0,
      phase: 'profiling',
      outcome: 'ok',
      status: null,
      sent_ms: 0,
      ttft_ms: 250,
      latency_ms: 500,
      itl_ms: 125,
      isl: 6,
      osl: 3,
    },
    {
      id: 1,
      phase: 'profiling',
      outcome: 'ok',
      status: null,
      sent_ms: 500,
      ttft_ms: 500,
      latency_ms: 1000,
      itl_ms: 250,
      isl: 6,
      osl: 3,
    },
    {
      id: 2,
      phase: 'profiling',
      outcome: 'timeout',
      status: null,
      sent_ms: 1000,
      ttft_ms: null,
      latency_ms: null,
      itl_ms: null,
      isl: null,
      osl: null,
    },
  ])
  expect(
    await rowsOf(
      tape,
      'select first_output_ns, usage_prompt_tokens, usage_completion_tokens, end_ns from requests where request_id = 0',
    ),
  ).toEqual([
    {
      first_output_ns: 500_000_000,
      usage_prompt_tokens: 7,
      usage_completion_tokens: 4,
      end_ns: 1_000_000_000,
    },
  ])
})

test.each([
  ['aiperf', 'no-record.jsonl', '{"hello":1}\n', 'no record of AIPerf is in it'],
  ['aiperf', 'profile_export_aiperf.json', '{}', "is AIPerf's summary: it has no requests"],
  ['aiperf', 'cut.jsonl', AIPERF.slice(0, -30), 'cut.jsonl:3: the JSON ends before it is complete'],
  [
    'aiperf',
    'unit.jsonl',
    AIPERF.replace('"unit":"ms"', '"unit":"furlongs"'),
    'cut.jsonl:1: metrics.time_to_first_token.unit is "furlongs", expected one of ns, us, ms, sec, s'.replace(
      'cut',
      'unit',
    ),
  ],
  [
    'aiperf',
    'text.jsonl',
    AIPERF.replace('"value":80', '"value":"80"'),
    'text.jsonl:1: metrics.request_latency.value is "80", expected a number',
  ],
  ['aiperf', 'middle.jsonl', AIPERF.replace('\n', '\nnot json\n'), 'middle.jsonl:2: not JSON'],
  [
    'vllm',
    'summary.json',
    { num_prompts: 1, completed: 1 },
    'it was saved without --save-detailed',
  ],
  ['vllm', 'foreign.json', { hello: 1 }, 'foreign.json:1: ttfts is missing'],
  ['vllm', 'lengths.json', { ...VLLM, errors: [''] }, 'errors has 1 values, ttfts 3'],
  [
    'vllm',
    'broken.json',
    JSON.stringify(VLLM, null, 1).slice(0, 400),
    'the JSON ends before it is complete: the file was cut off',
  ],
  ['vllm', 'type.json', { ...VLLM, ttfts: [0.1, 'x', 0] }, 'ttfts[1] is "x", expected numbers'],
  [
    'vllm',
    'far.json',
    { ...VLLM, ttfts: [1e300, 0.2, 0] },
    'request 0: an instant of it is more than 104 days',
  ],
  [
    'vllm',
    'half.json',
    { ...VLLM, output_lens: [1.5, 2, 0] },
    'output_lens[0] is 1.5, expected whole numbers',
  ],
  ['vllm', 'empty.json', { ttfts: [], itls: [], errors: [] }, 'holds no request'],
  [
    'sglang',
    'summary.jsonl',
    { backend: 'sglang', completed: 1 },
    'it was saved without --output-details',
  ],
  ['guidellm', 'other.json', { hello: 1 }, 'not a result of GuideLLM: it has no "benchmarks"'],
  ['guidellm', 'none.json', { benchmarks: [] }, 'holds no run'],
  [
    'guidellm',
    'unsent.json',
    { benchmarks: [{ requests: { successful: [] } }] },
    'holds no request',
  ],
  ['inference-perf', 'object.json', {}, "not inference-perf's list of requests"],
  ['inference-perf', 'start.json', [{ end_time: 1 }], '[0].start_time is missing'],
  ['vllm', 'blank.json', '', 'holds no run'],
])('%s %s is refused by name, and leaves nothing behind', async (tool, name, content, message) => {
  const file = written(name, content as string)
  const before = readdirSync(folder)
  const { code, err } = await analyze('import', file, '--from', tool, '-o', path('refused.tape'))
  expect(code).toBe(2)
  expect(err).toContain(file)
  expect(err).toContain(message)
  expect(readdirSync(folder)).toEqual(before)
})

test('an unknown tool, a missing file and a directory without the file are named', async () => {
  const run = (file: string, tool: string) =>
    analyze('import', file, '--from', tool, '-o', path('x.tape'))
  expect((await run(path('none'), 'aiperf')).err).toBe(
    `error: ${path('none')}: no such file\n  hint: name profile_export.jsonl, or the directory that holds it\n`,
  )
  mkdirSync(path('void'))
  expect((await run(path('void'), 'guidellm')).err).toContain('holds no benchmarks.json')
  expect((await run(path('void'), 'aipref')).err).toBe(
    'error: --from: no tool "aipref"\n  hint: did you mean aiperf? tools are aiperf, guidellm, inference-perf, sglang, vllm\n',
  )
})

test('a tape that is there is replaced with --force alone, and kept when the import fails', async () => {
  const tape = await imported('vllm', written('first.json', VLLM))
  const again = (file: string, ...more: string[]) =>
    analyze('import', file, '--from', 'vllm', '-o', tape, ...more)
  expect((await again(path('first.json'))).err).toContain('exists already')
  expect((await again(written('bad.json', { ...VLLM, itls: [] }), '--force')).code).toBe(2)
  expect(manifestOf(tape)).toMatchObject({ endpoint: { model: 'm' } })
  expect((await again(written('new.json', { ...VLLM, model_id: 'n' }), '--force')).code).toBe(0)
  expect(manifestOf(tape)).toMatchObject({ endpoint: { model: 'n' } })
  mkdirSync(path('mine'))
  const onFolder = await analyze(
    'import',
    path('first.json'),
    '--from',
    'vllm',
    '-o',
    path('mine'),
    '--force',
  )
  expect(onFolder.err).toContain('not a tape, so --force does not replace it')
  expect(existsSync(path('mine'))).toBe(true)
})

test('messages that were cut or damaged are named', async () => {
  const tape = await imported('vllm', written('damage.json', VLLM))
  const file = join(tape, 'messages-0.parquet')
  writeFileSync(file, readFileSync(file).subarray(0, 100))
  expect((await analyze('report', tape)).err).toContain(`${file}: cut or damaged`)
})

test.each(['aiperf', 'vllm'])(
  '%s: what is exported and imported again is the same to the nanosecond',
  async tool => {
    // Ragged instants, and no role message: what vLLM would count as the first token.
    const at = (n: number): number => Math.round(n * 1e6) / 1e6
    const message = (text: string): string =>
      `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`
    const tape = await writeTape(
      Array.from({ length: 20 }, (_, i) => {
        const sent = at(i * 7.123457)
        const times = Array.from({ length: 1 + (i % 9) }, (_, j) =>
          at(sent + 20.000321 + j * (3.000007 + i)),
        )
        return {
          sent,
          reads: [
            ...times.map((time): [number, string] => [time, message(' word')]),
            [times.at(-1)!, 'data: [DONE]\n\n'] as [number, string],
          ],
          usage: {},
        }
      }),
    )
    const output = path(`round-${tool}`)
    await analyze('export', tape, '--format', tool, '-o', output, '--tokenizer', 'builtin')
    const back = await imported(tool, output)
    const sql = `select request_id, first_content_ns - sent_ns as ttft_ns, last_content_ns - sent_ns as latency_ns, output_tokens,
    (select list(gap_ns order by message_index) from messages where messages.request_id = requests.request_id and gap_ns is not null) as gaps
    from requests order by request_id`
    const [before, after] = [await rowsOf(tape, sql), await rowsOf(back, sql)]
    expect(before).toHaveLength(20)
    for (const row of [...before, ...after]) delete row['output_tokens']
    expect(after).toEqual(before)
  },
)
