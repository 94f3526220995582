import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type OpenOptions, openTapes } from '../../analyzer/open-tapes.ts'
import { BUILTIN, findTokenizer } from '../../schemas/tokenizer.ts'
import { analyze } from '../support/analyze.ts'
import { rowsOf } from '../support/query.ts'
import { type RequestLiteral, words, writeTape } from '../support/tape.ts'

/** What `report --format json` prints of a run, as far as it is read here. */
type Report = { run_id: string; time_to_first_token: { p50: number } }

const REQUESTS: RequestLiteral[] = [
  { sent: 0, tokens: [60, 80, 100], usage: { prompt_tokens: 9, completion_tokens: 7 } },
  { sent: 5, tokens: [70, 90], lane: 1 },
  { sent: 7, outcome: 'timeout' },
]

async function open(tape: string, options: Partial<OpenOptions> = {}) {
  let notes = ''
  const tapes = await openTapes([tape], {
    err: text => {
      notes += text
    },
    tokenizerOf: () => words,
    ...options,
  })
  return { ...tapes, notes: () => notes }
}

async function requestsOf(tape: string, options: Partial<OpenOptions> = {}) {
  const tapes = await open(tape, options)
  try {
    return await tapes.query('from requests order by request_id')
  } finally {
    tapes.close()
  }
}

const kept = (tape: string): string[] =>
  existsSync(join(tape, 'derived'))
    ? readdirSync(join(tape, 'derived')).filter(name => name.startsWith('requests-'))
    : []

test('requests are derived once, and read from then on', async () => {
  const tape = await writeTape(REQUESTS)
  const first = await requestsOf(tape)
  const [name] = kept(tape)
  expect(name).toMatch(/^requests-[0-9a-f]{12}\.parquet$/)
  const file = join(tape, 'derived', name!)
  const { ino } = statSync(file)
  expect(await requestsOf(tape)).toEqual(first)
  expect(statSync(file).ino).toBe(ino)
  rmSync(join(tape, 'derived'), { recursive: true })
  expect(await requestsOf(tape)).toEqual(first)
  expect(kept(tape)).toEqual([name])
})

test('what is kept is read without the messages', async () => {
  const tape = await writeTape(REQUESTS)
  const first = await requestsOf(tape)
  for (const name of readdirSync(join(tape, 'derived')))
    if (name.startsWith('messages-')) rmSync(join(tape, 'derived', name), { recursive: true })
  expect(await requestsOf(tape)).toEqual(first)
  expect(readdirSync(join(tape, 'derived'))).toEqual([...kept(tape), 'verified.json'])
})

test('another tokenizer and another source of tokens are another file', async () => {
  const tape = await writeTape(REQUESTS)
  const tokens = async (options: Partial<OpenOptions>) =>
    (await requestsOf(tape, options)).map(row => row['output_tokens'])
  expect(await tokens({})).toEqual([3, 2, null])
  expect(await tokens({ tokenSource: 'server' })).toEqual([7, 2, null])
  const letters = {
    ...words,
    digest: 'beef',
    count: (text: string) => text.length,
    tokenEnds: (text: string) => Uint32Array.from(text, (_, i) => i + 1),
  }
  expect(await tokens({ tokenizerOf: () => letters })).toEqual([15, 10, null])
  expect(kept(tape)).toHaveLength(3)
  expect(await tokens({})).toEqual([3, 2, null])
})

test('a file that is cut or damaged is made again', async () => {
  const tape = await writeTape(REQUESTS)
  const first = await requestsOf(tape)
  const file = join(tape, 'derived', kept(tape)[0]!)
  writeFileSync(file, 'no parquet')
  expect(await requestsOf(tape)).toEqual(first)
  const bytes = readFileSync(file)
  bytes.fill(0xa5, 4, bytes.length >> 2)
  writeFileSync(file, bytes)
  expect(await requestsOf(tape)).toEqual(first)
  expect(readFileSync(file).equals(bytes)).toBe(false)
})

test('where nothing can be kept it is told once, and the answer is the same', async () => {
  const tape = await writeTape(REQUESTS)
  const first = await requestsOf(tape)
  rmSync(join(tape, 'derived'), { recursive: true })
  writeFileSync(join(tape, 'derived'), 'in the way')
  const tapes = await open(tape)
  expect(await tapes.query('from requests order by request_id')).toEqual(first)
  await tapes.query('from checks')
  expect(tapes.notes().match(/note: /g)).toHaveLength(1)
  tapes.close()
})

test.skipIf(process.getuid?.() === 0)('derived/ of others: read, not written', async () => {
  const tape = await writeTape(REQUESTS)
  const first = await requestsOf(tape)
  const [name] = kept(tape)
  rmSync(join(tape, 'derived', name!))
  chmodSync(join(tape, 'derived'), 0o555)
  const tapes = await open(tape)
  expect(await tapes.query('from requests order by request_id')).toEqual(first)
  expect(tapes.notes()).toBe('')
  tapes.close()
  chmodSync(join(tape, 'derived'), 0o755)
})

test('several analyzers at once', async () => {
  const tape = await writeTape(REQUESTS)
  const answers = await Promise.all(Array.from({ length: 4 }, () => requestsOf(tape)))
  for (const answer of answers) expect(answer).toEqual(answers[0])
  expect(kept(tape)).toHaveLength(1)
  expect(readdirSync(join(tape, 'derived')).filter(name => name.startsWith('.'))).toEqual([])
})

test('a live tape keeps nothing', async () => {
  const tape = await writeTape(REQUESTS, { state: 'live' })
  expect(await requestsOf(tape)).toHaveLength(3)
  expect(existsSync(join(tape, 'derived'))).toBe(false)
})

test('another engine puts runs together as the files are, without a word of ours', async () => {
  const answers = (n: number, every: number): RequestLiteral[] =>
    Array.from({ length: n }, (_, i) => ({
      sent: 10 * i,
      lane: i % 2,
      tokens: [10 * i + 50 + every * i, 10 * i + 90 + every * i],
      ...(i % 7 === 3 ? { outcome: 'timeout' as const } : {}),
      ...(i === 0 ? { phase: 'warmup' } : {}),
    }))
  const tokenizer = { id: BUILTIN, digest: '' }
  const half = (index: number, started: string) =>
    writeTape(answers(15, 11 - index), {
      manifest: { tokenizer, run_id: 'b', shard: { index, of: 2 }, started_at_unix_ns: started },
    })
  const tapes = [
    await writeTape(answers(20, 7), { manifest: { tokenizer } }),
    await half(0, '1764000000000000100'),
    await half(1, '1764000000000000000'),
  ]
  const { out } = await analyze('report', ...tapes, '--format', 'json')
  const reported = (JSON.parse(out) as Report[]).map(({ run_id, time_to_first_token }) => ({
    run_id,
    p50: time_to_first_token.p50,
  }))
  const files = (name: string): string =>
    `read_parquet([${tapes.map(tape => `'${tape}/derived/${name}'`).join(', ')}])`
  expect(
    await rowsOf(`
      select run_id, quantile_cont(first_content_ns - sent_ns, 0.5) / 1e6 as p50
      from ${files('requests-*.parquet')}
      where phase = 'profiling' and outcome = 'ok'
      group by run_id order by run_id`),
  ).toEqual(reported)

  // Messages alone give the same first contents; shards stand on one zero by their wall clocks.
  expect(
    await rowsOf(`
      with messages as (
        select *, at_ns + started_at_unix_ns - min(started_at_unix_ns) over (partition by run_id) as run_ns
        from ${files('messages-*/*.parquet')}
      )
      select run_id, shard, lane, min(run_ns) filter (content_index = 0) as first_ns
      from messages group by all order by all`),
  ).toEqual([
    { run_id: 'a', shard: '0', lane: '0', first_ns: '50000000' },
    { run_id: 'a', shard: '0', lane: '1', first_ns: '67000000' },
    { run_id: 'b', shard: '0', lane: '0', first_ns: '50000100' },
    { run_id: 'b', shard: '0', lane: '1', first_ns: '71000100' },
    { run_id: 'b', shard: '1', lane: '0', first_ns: '50000000' },
    { run_id: 'b', shard: '1', lane: '1', first_ns: '70000000' },
  ])
  expect(
    await rowsOf(
      `select distinct token_source, tokenizer_digest from ${files('requests-*.parquet')}`,
    ),
  ).toEqual([{ token_source: 'client', tokenizer_digest: findTokenizer(BUILTIN).digest }])
})
