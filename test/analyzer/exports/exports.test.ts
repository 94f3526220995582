import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { analyze } from '../../support/analyze.ts'
import { openLiteral, writeTape } from '../../support/tape.ts'

const folder = mkdtempSync(join(tmpdir(), 'exports-'))
afterAll(() => rmSync(folder, { recursive: true }))

/**
 * Two that succeed, one that the server refuses and one that is given up. The run's zero is
 * 1764000000 s: beyond 2^53 in nanoseconds.
 */
const tape = await writeTape([
  {
    sent: 10,
    tokens: [30, 40, 70],
    session_id: 's',
    turn: 1,
    usage: { prompt_tokens: 6, completion_tokens: 3 },
  },
  { sent: 20, scheduled: 18, tokens: [25], end: 28 },
  {
    sent: 21,
    status: 429,
    reads: [[31, '{"error":{"message":"slow down"}}']],
    responseHeaders: { 'content-type': 'application/json' },
  },
  { sent: 30, tokens: [50], outcome: 'cancelled', end: 60 },
])

async function exported(format: string, ...more: string[]): Promise<string> {
  const output = join(folder, `${format}-${readdirSync(folder).length}`)
  const { code, err } = await analyze(
    'export',
    tape,
    '--format',
    format,
    '-o',
    output,
    '--tokenizer',
    'builtin',
    ...more,
  )
  expect(err.replace(/^note: .*\n/gm, '')).toBe(`${output}: written\n`)
  expect(code).toBe(0)
  return output
}

const aiperfFolder = exported('aiperf', '--slice-duration', '0.05')

test('aiperf: a record a request, with exact instants, metrics in ms and the gaps', async () => {
  const lines = readFileSync(join(await aiperfFolder, 'profile_export.jsonl'), 'utf8')
  const [first] = lines.split('\n')
  expect(first).toContain(
    '"request_start_ns":1764000000010000000,"request_ack_ns":1764000000010000000,"request_end_ns":1764000000072000000',
  )
  const records = lines
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(records).toHaveLength(4)
  expect(records[0].metadata).toMatchObject({
    session_num: 0,
    x_request_id: 'a-0',
    conversation_id: 's',
    turn_index: 1,
    benchmark_phase: 'profiling',
    was_cancelled: false,
    cancellation_time_ns: null,
  })
  expect(records[0].metrics).toMatchObject({
    time_to_first_token: { value: 20, unit: 'ms' },
    time_to_second_token: { value: 10, unit: 'ms' },
    request_latency: { value: 60, unit: 'ms' },
    inter_chunk_latency: { value: [10, 30], unit: 'ms' },
    inter_token_latency: { value: 20, unit: 'ms' },
    output_sequence_length: { value: 3, unit: 'tokens' },
    input_sequence_length: { value: 5, unit: 'tokens' },
  })
  expect(records[0].error).toBeNull()
  // No gap, no second token, and one token has no time between tokens: those keys are not there.
  expect(records[1].metrics).not.toHaveProperty('inter_chunk_latency')
  expect(records[1].metrics).not.toHaveProperty('inter_token_latency')
  expect(lines.split('\n')[1]).toContain('"credit_issued_ns":1764000000018000000')
  expect(records[2]).toMatchObject({
    metrics: { error_isl: { value: 5, unit: 'tokens' } },
    error: { code: 429, type: 'http_error', message: 'HTTP 429: slow down' },
  })
  expect(records[3]).toMatchObject({
    metadata: { was_cancelled: true },
    error: { code: 499, type: 'RequestCancellationError' },
  })
  expect(lines.split('\n')[3]).toContain('"cancellation_time_ns":1764000000060000000')
})

test('aiperf: none of our own metrics are in its files, and its slices lie on the wall clock', async () => {
  const output = await aiperfFolder
  const read = (name: string): string => readFileSync(join(output, name), 'utf8')
  for (const name of readdirSync(output)) expect(read(name)).not.toMatch(/max_gap|Max Gap|stalled/i)
  const summary = JSON.parse(read('profile_export_aiperf.json'))
  expect(summary).toMatchObject({
    schema_version: '1.4',
    request_count: { avg: 2 },
    input_config: {
      endpoint: { model_names: ['m'], streaming: true },
      loadgen: { concurrency: 1 },
    },
    error_summary: [
      { error_details: { type: 'RequestCancellationError', code: 499 }, count: 1 },
      { error_details: { type: 'http_error', code: 429 }, count: 1 },
    ],
  })
  expect(read('profile_export_aiperf_timeslices.csv')).toMatch(
    /^Timeslice,Metric,Unit,Stat,Value\n0,/,
  )
  expect(read('profile_export_aiperf_timeslices.json')).toContain(
    '"start_ns": 1764000000010000000,',
  )
})

test('vllm: parallel arrays by its own definitions; what failed has zeros', async () => {
  const value = JSON.parse(readFileSync(await exported('vllm'), 'utf8'))
  expect(value).toMatchObject({
    model_id: 'm',
    num_prompts: 4,
    completed: 2,
    failed: 2,
    max_concurrency: 1,
    request_rate: 'inf',
    backend: 'openai-chat',
    burstiness: 1,
    // The role came with the headers, at the send: to vLLM's Python client that is no token.
    ttfts: [0.02, 0.005, 0, 0],
    itls: [[0.01, 0.03], [], [], []],
    latencies: [0.06, 0.005, 0, 0],
    input_lens: [6, 5, 5, 5],
    output_lens: [3, 1, 0, 0],
    start_times: [0.01, 0.02, 0.021, 0.03],
    queue_times: [0, 0.01, 0.011, 0.02],
    max_output_tokens_per_s: 4,
    max_concurrent_requests: 2,
    rtfx: 0,
    generated_texts: [' word word word', ' word', '', ''],
    total_input_tokens: 11,
    total_output_tokens: 4,
    mean_itl_ms: 20,
    mean_e2el_ms: 32.5,
  })
  expect(value.errors.map((error: string) => error === '')).toEqual([true, true, false, false])
})

test('perfetto: spans nest on the track of their request, and the counter counts', async () => {
  const { traceEvents } = JSON.parse(readFileSync(await exported('perfetto'), 'utf8'))
  const of = (ph: string, tid?: number) =>
    traceEvents.filter(
      (event: { ph: string; tid: number }) =>
        event.ph === ph && (tid === undefined || event.tid === tid),
    )
  const spans = of('X', 2).map(({ name, ts, dur }: Record<string, unknown>) => [name, ts, dur])
  expect(spans).toEqual([
    ['request', 18000, 10000],
    ['queue', 18000, 2000],
    ['prefill', 20000, 5000],
    ['finish', 25000, 3000],
    ['decode', 25000, 0],
  ])
  expect(of('X', 3)[0]).toMatchObject({ name: 'request: http_error', args: { status: 429 } })
  expect(of('i', 1).map(({ name, ts }: Record<string, unknown>) => [name, ts])).toContainEqual([
    'text',
    40000,
  ])
  expect(of('C').map(({ ts, args }: { ts: number; args: object }) => [ts, args])).toEqual([
    [10000, { requests: 1 }],
    [20000, { requests: 2 }],
    [21000, { requests: 3 }],
    [28000, { requests: 2 }],
    [30000, { requests: 3 }],
    [32000, { requests: 2 }],
    [60000, { requests: 1 }],
    [72000, { requests: 0 }],
  ])
})

test('perfetto: every event keeps the rules of the Trace Event Format', async () => {
  const { displayTimeUnit, traceEvents } = JSON.parse(
    readFileSync(await exported('perfetto'), 'utf8'),
  )
  expect(displayTimeUnit).toBe('ns')
  type Event = { ph: string; name: string; pid: number; tid?: number; ts?: number; dur?: number }
  const events = traceEvents as (Event & { s?: string; args?: Record<string, unknown> })[]
  const tracks = new Map<string, string>()
  const spans = new Map<string, [from: number, to: number][]>()
  for (const { ph, name, pid, tid, ts, dur, s, args } of events) {
    expect(['M', 'X', 'i', 'C']).toContain(ph)
    expect(name).toMatch(/\S/)
    expect(Number.isSafeInteger(pid)).toBe(true)
    const track = `${pid} ${tid}`
    if (ph === 'M') {
      expect(['process_name', 'thread_name']).toContain(name)
      expect(args!['name']).toMatch(/\S/)
      const key = name === 'process_name' ? `${pid}` : track
      expect(tracks.has(key), `${key} is named once`).toBe(false)
      tracks.set(key, String(args!['name']))
      continue
    }
    expect(Number.isSafeInteger(tid)).toBe(true)
    expect(Number.isFinite(ts)).toBe(true)
    expect(tracks.has(`${pid}`), 'a process is named before its events').toBe(true)
    if (ph === 'C') expect(Object.values(args!).every(Number.isFinite)).toBe(true)
    else expect(tracks.has(track), 'a track is named before its events').toBe(true)
    if (ph === 'i') expect(['t', 'p', 'g']).toContain(s)
    if (ph !== 'X') continue
    expect(dur).toBeGreaterThanOrEqual(0)
    // Spans of one track nest: each lies within the ones that are open, or after them.
    const open = spans.get(track) ?? []
    while (open.length > 0 && open.at(-1)![1] <= ts! && open.at(-1)![1] < ts! + dur!) open.pop()
    const around = open.at(-1)
    if (around) expect(ts! >= around[0] && ts! + dur! <= around[1], `${name} nests`).toBe(true)
    spans.set(track, [...open, [ts!, ts! + dur!]])
  }
  expect([...tracks.values()]).toEqual(['a', 'request 0', 'request 1', 'request 2', 'request 3'])
})

test('csv: a row a request, failed ones too', async () => {
  const [header, ...rows] = readFileSync(await exported('csv'), 'utf8')
    .trim()
    .split('\n')
  expect(rows).toHaveLength(4)
  const cells = (row: string): Record<string, string> =>
    Object.fromEntries(header!.split(',').map((name, i) => [name, row.split(',')[i]!]))
  expect(cells(rows[0]!)).toMatchObject({
    run_id: 'a',
    request_id: '0',
    outcome: 'ok',
    ttft_ms: '20.0',
    max_gap_ms: '30.0',
  })
  expect(cells(rows[2]!)).toMatchObject({ outcome: 'http_error', ttft_ms: '' })
})

test('hgrm: exact values at the steps of HdrHistogram', async () => {
  // Ten gaps of 1 to 10 ms.
  const at = Array.from({ length: 11 }, (_, i) => 10 + (i * (i + 1)) / 2)
  const ten = await writeTape([{ sent: 0, tokens: at }])
  const output = join(folder, 'ten')
  await analyze(
    'export',
    ten,
    '--format',
    'hgrm',
    '-o',
    output,
    '--metric',
    'inter_chunk_latency',
    '--tokenizer',
    'builtin',
  )
  const text = readFileSync(join(output, 'inter_chunk_latency.hgrm'), 'utf8')
  const rows = text
    .split('\n')
    .filter(line => /^ +\d/.test(line))
    .map(line => line.trim().split(/ +/).map(Number))
  expect(rows).toEqual([
    [1, 0, 1, 1],
    [1, 0.1, 1, 1.11],
    [2, 0.2, 2, 1.25],
    [3, 0.3, 3, 1.43],
    [4, 0.4, 4, 1.67],
    [5, 0.5, 5, 2],
    [6, 0.55, 6, 2.22],
    [6, 0.6, 6, 2.5],
    [7, 0.65, 7, 2.86],
    [7, 0.7, 7, 3.33],
    [8, 0.75, 8, 4],
    [8, 0.775, 8, 4.44],
    [8, 0.8, 8, 5],
    [9, 0.825, 9, 5.71],
    [9, 0.85, 9, 6.67],
    [9, 0.875, 9, 8],
    [9, 0.8875, 9, 8.89],
    [9, 0.9, 9, 10],
    [10, 0.9125, 10, 11.43],
    [10, 1, 10],
  ])
  expect(text).toContain('#[Mean    =        5.500000, StdDeviation   =        2.872281]')
})

test('several runs: one trace and one table hold them, a directory has one each, a vLLM file does not', async () => {
  const other = await writeTape([{ sent: 0, tokens: [5, 6] }], { manifest: { run_id: 'b' } })
  const write = (format: string) =>
    analyze(
      'export',
      tape,
      other,
      '--format',
      format,
      '-o',
      join(folder, `several-${format}`),
      '--tokenizer',
      'builtin',
    )
  for (const format of ['aiperf', 'hgrm', 'perfetto', 'csv'])
    expect((await write(format)).code, format).toBe(0)
  expect(readdirSync(join(folder, 'several-aiperf'))).toEqual(['a', 'b'])
  expect(readdirSync(join(folder, 'several-hgrm', 'b'))).toContain('time_to_first_token.hgrm')
  expect(readFileSync(join(folder, 'several-csv'), 'utf8')).toMatch(/\nb,0,/)
  const { traceEvents } = JSON.parse(readFileSync(join(folder, 'several-perfetto'), 'utf8'))
  expect(new Set(traceEvents.map(({ pid }: { pid: number }) => pid))).toEqual(new Set([1, 2]))
  expect(await write('vllm')).toMatchObject({
    code: 2,
    err: 'error: --format vllm: a file holds one run, and these are 2\n  hint: export each by itself\n',
  })
  expect(existsSync(join(folder, 'several-vllm'))).toBe(false)
})

test('an unknown format is named, with the nearest and all there are', async () => {
  expect(
    await analyze('export', tape, '--format', 'perfeto', '-o', join(folder, 'x')),
  ).toMatchObject({
    code: 2,
    err: 'error: --format: no format "perfeto"\n  hint: did you mean perfetto? formats are aiperf, csv, hgrm, perfetto, vllm\n',
  })
})

test('what is there is replaced with --force alone, and a tape never', async () => {
  const output = join(folder, 'there.csv')
  writeFileSync(output, 'mine')
  const write = (...more: string[]) =>
    analyze('export', tape, '--format', 'csv', '-o', output, ...more)
  expect(await write()).toMatchObject({
    code: 2,
    err: expect.stringContaining(`${output}: exists already`),
  })
  expect(readFileSync(output, 'utf8')).toBe('mine')
  expect((await write('--force')).code).toBe(0)
  expect(readFileSync(output, 'utf8')).toMatch(/^run_id,/)
  const onTape = await analyze('export', tape, '--format', 'aiperf', '-o', tape, '--force')
  expect(onTape).toMatchObject({
    code: 2,
    err: expect.stringContaining('is a tape, so --force does not replace it'),
  })
})

test('a place that cannot be written to is named', async () => {
  const output = join(tape, 'run.json', 'x.csv')
  const { code, err } = await analyze('export', tape, '--format', 'csv', '-o', output)
  expect(code).toBe(2)
  expect(err).toContain(`${output}: cannot be written: `)
})

test.each([
  [
    ['--format', 'csv', '--slice-duration', '1'],
    '--slice-duration: --format csv has no use for it',
  ],
  [['--format', 'aiperf', '--slice-duration', '0'], '--slice-duration: a slice of no length'],
  [['--format', 'aiperf', '--slice-duration', 'ten'], '--slice-duration: "ten" is not a duration'],
  [['--format', 'vllm', '--metric', 'itl'], '--metric: --format vllm has no use for it'],
  [['--format', 'hgrm', '--metric', 'itll'], '--metric: no metric "itll"'],
  [
    ['--format', 'hgrm', '--metric', 'benchmark_duration'],
    '--metric: benchmark_duration has no distribution',
  ],
  [
    ['--format', 'hgrm', '--metric', 'adj_request_latency'],
    '--metric: adj_request_latency has no distribution',
  ],
])('%j is refused, and leaves nothing behind', async (words, message) => {
  const before = readdirSync(folder)
  const { code, err } = await analyze(
    'export',
    tape,
    '-o',
    join(folder, 'refused'),
    '--tokenizer',
    'builtin',
    ...words,
  )
  expect(code).toBe(2)
  expect(err).toContain(message)
  expect(readdirSync(folder)).toEqual(before)
})

test("gaps of several choices are AIPerf's, which does not tell them apart", async () => {
  const said = (index: number): string =>
    `data: ${JSON.stringify({ choices: [{ index, delta: { content: ' a' } }] })}\n\n`
  const tapes = await openLiteral([
    {
      sent: 0,
      reads: [
        [100, said(0)],
        [110, said(1)],
        [130, `${said(0)}data: [DONE]\n\n`],
      ],
    },
  ])
  const [row] = await tapes.query('select gaps_ms from aiperf_records(0, 9)')
  expect(row!['gaps_ms']).toEqual([10, 20])
})
