import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { random } from '../support/random.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
const small = new URL('../golden/traces/small.jsonl', import.meta.url).pathname

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

/** Output and standard error of `tokentape trace …`, with the test's folders left out. */
async function trace(...argv: string[]) {
  const { code, out, err } = await tokentape('trace', ...argv)
  const plain = (text: string) =>
    text.replaceAll(`${path('')}/`, '').replaceAll(small, 'small.jsonl')
  return { code, out: plain(out), err: plain(err) }
}

test('describe prints tables for people, and draws', async () => {
  const { code, out, err } = await trace('describe', small, '--svg', path('small.svg'))
  expect({ code, err }).toEqual({ code: 0, err: 'picture: small.svg\n' })
  await expect(out).toMatchFileSnapshot('../golden/traces/small.txt')
  expect(readFileSync(path('small.svg'), 'utf8')).toMatch(/^<svg /)
  const json = await trace('describe', small, '--format', 'json', '--cache-blocks', '2')
  expect(JSON.parse(json.out)).toMatchObject({ requests: 5, prefix_sharing: { blocks: 11 } })
  expect((await trace('describe', small, '--format', 'csv')).out).toContain('requests,5\n')
})

test('cut writes a Mooncake trace, and says what is in it', async () => {
  expect(
    await trace('cut', small, '--from', '1s', '--to', '4s', '--speedup', '2'),
  ).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "note: small.jsonl is read as mooncake_trace: its first row has input_length
    note: 5 timed requests over 4 s, 1/s on average, its times read as milliseconds
    3 requests
    3 timed requests over 0.5 s, 4/s on average
    ",
      "out": "{"timestamp":0,"input_length":1500,"output_length":20,"hash_ids":[1,2,3]}
    {"timestamp":500,"input_length":512,"output_length":30,"hash_ids":[9]}
    {"timestamp":500,"input_length":1536,"output_length":40,"hash_ids":[1,2,4]}
    ",
    }
  `)
})

test('a file is written whole, and never over another unasked', async () => {
  const out = path('cut.jsonl')
  expect((await trace('cut', small, '-o', out)).code).toBe(0)
  expect(linesOf(readFileSync(out, 'utf8'))).toEqual(linesOf(readFileSync(small, 'utf8')))
  expect(await trace('cut', small, '-o', out)).toEqual({
    code: 2,
    out: '',
    err: 'error: -o: "cut.jsonl" exists\n  hint: name another file, or add --force\n',
  })
  expect((await trace('cut', small, '-o', out, '--force')).code).toBe(0)
  const none = await trace('cut', small, '--from', '1h', '-o', path('none.jsonl'))
  expect(none).toMatchObject({ code: 2, err: expect.stringContaining('no request is left') })
  expect(['none.jsonl', 'none.jsonl.partial'].map(name => existsSync(path(name)))).toEqual([
    false,
    false,
  ])
})

test('the trace that is read may be the one that is replaced', async () => {
  const own = path('own.jsonl')
  writeFileSync(own, readFileSync(small))
  await trace('scale', own, '--output-factor', '2', '-o', own, '--force')
  expect(linesOf(readFileSync(own, 'utf8')).map(row => row['output_length'])).toEqual([
    20, 40, 60, 80, 100,
  ])
})

test('what synthesize promises is what describe finds', async () => {
  const made = path('made.jsonl')
  const scratchly = ['synthesize', '--documents', '5', '--sessions', '40', '--turns', '2']
  const { out } = await trace(...scratchly, '--cache-blocks', '50', '-o', made)
  const found = await trace('describe', made, '--cache-blocks', '50')
  const table = out.split('\n').slice(1).join('\n').trim()
  expect(table).toContain('50')
  expect(found.out).toContain(table)
  const grown = await trace('synthesize', small, '--prefix-len-multiplier', '2')
  expect(linesOf(grown.out)[3]).toMatchObject({ input_length: 2560, output_length: 40 })
  expect(grown.err).toContain('expected of an LRU prefix cache')
})

test('validate lists what is broken', async () => {
  const file = path('bad.jsonl')
  writeFileSync(file, '{"timestamp":0,"input_length":600,"hash_ids":[1]}\n{"timestamp":5}\n')
  const { out, ...rest } = await trace('validate', file)
  // The folder's name made the column wider.
  expect({ ...rest, out: out.replaceAll(/ {3,}/g, '  ') }).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "",
      "out": "bad.jsonl: 2 broken rows, 0 good requests of mooncake_trace
    bad.jsonl is read as mooncake_trace: its first row has input_length

    where  rule
    bad.jsonl:1  expected input_length - (hash_ids - 1) * block in 1..512 (--isl-block-size), found 600 - 0 * 512 = 600
    bad.jsonl:2  expected exactly one of input_length, text_input, messages, payload, found none
    ",
    }
  `)
  expect((await trace('validate', small)).code).toBe(0)
})

test('validate and describe as CSV are tables, whatever they find', async () => {
  const good = await trace('validate', small, '--format', 'csv')
  expect(good).toEqual({ code: 0, out: 'where,rule\n', err: '' })
  const { out } = await trace('describe', small, '--format', 'csv', '--cache-blocks', '2')
  const figures = Object.fromEntries(out.split('\n').map(line => line.split(',')))
  expect(figures).toMatchObject({
    figure: 'value',
    requests: '5',
    'total_tokens.p75': '1520',
    'arrivals.windows.0.input_tokens': '1024',
    'prefix_sharing.caches.1.blocks': '',
  })
})

const AZURE = 'TIMESTAMP,ContextTokens,GeneratedTokens'
const BURST = 'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type'
const blocks = (s: number, n: number) => ({
  timestamp: s,
  input_length: 16 * n,
  output_length: 2,
  hash_ids: Array.from({ length: n }, (_, i) => i),
})

test.each([
  ['mooncake_trace', [blocks(0, 1), blocks(1500, 1)], '1.5 s, 0.6667/s', 'milliseconds'],
  [
    'azure_trace',
    [AZURE, '2024-05-10 00:00:00.0000001,5,2', '2024-05-10 00:00:00.5000002,5,2'],
    '0.5 s, 2/s',
    'dates',
  ],
  [
    'burst_gpt_trace',
    [BURST, '5,GPT-4,5,2,7,API log', '10,GPT-4,5,2,7,API log'],
    '5 s, 0.2/s',
    'seconds',
  ],
  ['timed_trace', [blocks(0, 2), blocks(0.25, 2)], '0.25 s, 4/s', 'seconds'],
  [
    'bailian_trace',
    [
      { chat_id: 1, ...blocks(0, 2) },
      { chat_id: 2, ...blocks(4, 3) },
    ],
    '4 s, 0.25/s',
    'seconds',
  ],
  [
    'weka_trace',
    [
      { id: 'a', t: 0, in: 70, out: 2, hash_ids: [1, 2] },
      { id: 'b', t: 2, in: 64, out: 2, hash_ids: [1] },
    ],
    '2 s, 0.5/s',
    'seconds',
  ],
])(
  '%s: span, mean rate and unit are said before anything is sent',
  async (type, rows, span, unit) => {
    const file = path(`${type}.rows`)
    const lines = rows.map(row => (typeof row === 'string' ? row : JSON.stringify(row)))
    writeFileSync(file, `${lines.join('\n')}\n`)
    // Nothing listens there, and a dry run sends nothing.
    const { code, out, err } = await tokentape(
      ...['record', '--dry-run', '--model', 'm', '--url', 'http://127.0.0.1:9'],
      ...['--input-file', file, '--custom-dataset-type', type],
    )
    expect({ code, text: out + err }).toEqual({
      code: 0,
      text: expect.stringContaining(
        `2 timed requests over ${span} on average, its times read as ${unit}`,
      ),
    })
    expect((await trace('validate', file, '--type', type)).out).toContain(`over ${span} on average`)
  },
)

/** Describes a file in a process of its own, whose peak memory is known. */
const CHILD = `
const [file, root] = process.argv.slice(1)
const { main } = await import(root + '/dist/tokentape.js')
let out = ''
await main(['trace', 'describe', file, '--format', 'json'], { out: text => { out += text }, err: console.error })
const { requests } = JSON.parse(out)
console.log(JSON.stringify({ requests, peakMb: process.resourceUsage().maxRSS / 1024 }))
`

test('a file of 200 MB is described without being held', () => {
  const file = path('big.jsonl')
  const descriptor = openSync(file, 'w')
  const pad = 'some words '.repeat(2000)
  for (let i = 0; i < 9000; i++)
    writeSync(
      descriptor,
      `{"timestamp":${i},"input_length":5,"output_length":1,"hash_ids":[${i}],"extra":{"pad":"${pad}"}}\n`,
    )
  closeSync(descriptor)
  const root = new URL('../..', import.meta.url).pathname
  const argv = ['--input-type=module', '-e', CHILD, file, root]
  const found = JSON.parse(execFileSync('node', argv, { encoding: 'utf8' }))
  expect(found.requests).toBe(9000)
  expect(found.peakMb).toBeLessThan(200)
})

describe('bad input', () => {
  test.each([
    [['cut', small, '--from', '5'], '--from: "5" is not a duration'],
    [['cut', small, '--from', '5s', '--to', '2s'], '--to: "2s" is not after --from'],
    [['sample', small], 'say how many'],
    [['sample', small, '--ratio', '2'], '--ratio: "2" is not a share'],
    [['merge', small], 'one file is not several'],
    [['describe', small, '--cache-blocks', '0'], '--cache-blocks'],
    [['describe', '/no/such'], 'there is no file "/no/such"'],
    [['synthesize', small, '--documents', '3'], '--documents: is from scratch'],
    [['synthesize', '--max-isl', '3'], '--max-isl: needs a trace'],
    [['cut', small, '-o', '/no/such/file'], '-o: cannot write "/no/such/file.partial"'],
  ])('%j', async (argv, message) => {
    const { code, err } = await tokentape('trace', ...argv)
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) })
  })
})

describe('a recorded run as a trace', () => {
  let url: string
  beforeAll(async () => {
    ;({ url } = await simulator('--ttft-ms', '5', '--itl-ms', '1'))
  })
  const record = (file: string, tape: string, ...flags: string[]) =>
    tokentape(
      ...['record', '--model', 'm', '--url', url, '--endpoint-type', 'chat', '--streaming'],
      ...['--input-file', file, '--random-seed', '3', '--output', tape, ...flags],
    )

  test('has its arrivals, lengths and ids, and replays to the same', async () => {
    const tape = path('one.tape')
    const { code, err } = await record(small, tape, '--speedup', '10', '--force-osl')
    expect(code).toBe(0)
    expect(err).toContain('note: schedule: 5 sessions begin over 0.400 s, 10.00/s on average')
    const { out } = await trace('from-tape', tape)
    const asked = linesOf(readFileSync(small, 'utf8'))
    const sent = linesOf(out)
    const known = ({ timestamp: _, ...row }: Record<string, unknown>) => row
    // Two were due at once.
    const order = (rows: Record<string, unknown>[]) =>
      rows.map(known).sort((a, b) => Number(a['output_length']) - Number(b['output_length']))
    expect(order(sent)).toEqual(order(asked))
    expect(sent[0]!['timestamp']).toBe(0)
    writeFileSync(path('again.jsonl'), out)
    const again = await record(path('again.jsonl'), path('two.tape'), '--force-osl')
    expect(again.code).toBe(0)
    const twice = await trace('from-tape', path('two.tape'))
    expect(order(linesOf(twice.out))).toEqual(order(asked))
  })

  test('without hash ids says so; a rate that a schedule leaves unused is said', async () => {
    const file = path('plain.jsonl')
    const next = random(1)
    const rows = Array.from({ length: 8 }, (_, i) =>
      JSON.stringify({
        timestamp: i * 10,
        input_length: 1 + Math.floor(next() * 50),
        output_length: 3,
      }),
    )
    writeFileSync(file, `${rows.join('\n')}\n`)
    const { err } = await record(file, path('three.tape'), '--request-rate', '100')
    expect(err).toContain('--request-rate is not used, since the file has times')
    const made = await trace('from-tape', path('three.tape'), '-o', path('three.jsonl'))
    expect(made.err).toContain('note: the tape has no hash ids')
    expect(linesOf(readFileSync(path('three.jsonl'), 'utf8'))).toHaveLength(8)
  })

  test('any number of lanes sends the same prompts', async () => {
    const prompts = async (tape: string, ...flags: string[]) => {
      expect((await record(small, tape, '--speedup', '100', ...flags)).code).toBe(0)
      return rowsOf(`select dataset_row, input_tokens, hash_ids, body_digest
        from '${tape}/requests-*.parquet' order by dataset_row`)
    }
    const one = await prompts(path('lane.tape'), '--lanes', '1')
    expect(one).toHaveLength(5)
    expect(await prompts(path('lanes.tape'), '--lanes', '3')).toEqual(one)
  })

  // Blocks of the engine's size, so that both count the same: 12 documents are 480 of them.
  test.each(['60', '150', '2000'])(
    'an engine with %s blocks has the hit rate that synthesize promised',
    async nBlocks => {
      const made = path(`documents-${nBlocks}.jsonl`)
      // biome-ignore format: one flag and its value beside each other
      const { out } = await trace(
        'synthesize', '--documents', '12', '--document-tokens', '640', '--questions', '3',
        '--question-tokens', '24', '--output-tokens', '1', '--sessions', '80', '--isl-block-size', '16',
        '--cache-blocks', nBlocks, '-o', made,
      )
      const promised = Number(/(\d+\.\d) %\s*$/m.exec(out)![1]) / 100
      const server = await simulator(
        ...['--engine', '--num-gpu-blocks', nBlocks, '--max-model-len', '960'],
        ...['--frontend-ms', '1', '--cold-factor', '0', '--step-ms', '0.5'],
      )
      const tape = path(`documents-${nBlocks}.tape`)
      // biome-ignore format: one flag and its value beside each other
      const { code } = await tokentape(
        'record', '--model', 'm', '--url', server.url, '--endpoint-type', 'completions', '--streaming',
        '--input-file', made, '--isl-block-size', '16', '--no-fixed-schedule', '--concurrency', '1',
        '--output', tape,
      )
      expect(code).toBe(0)
      const metrics = await (await fetch(`${server.url}/metrics`)).text()
      await server.stop()
      const counter = (name: string) =>
        Number(new RegExp(`${name}_total\\{.*?\\} (\\d+)`).exec(metrics)![1])
      expect(counter('prefix_cache_queries')).toBe(80 * 664)
      const measured = counter('prefix_cache_hits') / counter('prefix_cache_queries')
      expect(Math.abs(measured - promised)).toBeLessThan(0.01)
      const { out: answer } = await tokentape(
        ...[
          'sql',
          tape,
          '--format',
          'json',
          'select sum(usage_cached_tokens)::int as n from requests',
        ],
      )
      expect(JSON.parse(answer)[0].n).toBe(counter('prefix_cache_hits'))
    },
  )

  test("the server's cache finds what describe says it will", async () => {
    const server = await simulator('--engine')
    const tape = path('engine.tape')
    const { code } = await tokentape(
      ...['record', '--model', 'm', '--url', server.url, '--endpoint-type', 'completions'],
      ...['--streaming', '--input-file', small, '--no-fixed-schedule', '--concurrency', '1'],
      ...['--force-osl', '--output', tape],
    )
    expect(code).toBe(0)
    const { out: answer } = await tokentape(
      ...['sql', tape, '--format', 'json'],
      'select input_tokens, usage_prompt_tokens, usage_cached_tokens from requests order by request_id',
    )
    const found: Record<string, unknown>[] = JSON.parse(answer)
    expect(found.map(row => Object.values(row).map(Number))).toEqual([
      [1024, 1024, 0],
      [1500, 1500, 1024],
      [512, 512, 0],
      [1536, 1536, 1024],
      [600, 600, 512],
    ])
    const { out } = await trace('describe', small, '--format', 'json')
    const infinite = JSON.parse(out).prefix_sharing.caches.at(-1)
    expect(infinite.cached_token_ratio).toBeCloseTo(2560 / 5172, 12)
  })
})
