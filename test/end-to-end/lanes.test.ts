import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
const LOAD = ['--model', 'm', '--streaming', '--isl', '12', '--isl-stddev', '4', '--osl', '4']

const requestsOf = (...tapes: string[]): Promise<Record<string, unknown>[]> =>
  rowsOf(`select request_id, input_tokens, body_digest
    from read_parquet([${tapes.map(tape => `'${tape}/requests-*.parquet'`).join(', ')}]) order by request_id`)

test('any number of lanes and shards sends the same requests, each exactly once', async () => {
  const server = await simulator('--ttft-ms', '1', '--itl-ms', '0.2')
  const record = (tape: string, ...flags: string[]) =>
    tokentape(
      'record',
      ...LOAD,
      '--url',
      server.url,
      '--random-seed',
      '7',
      '--request-count',
      '300',
      '--concurrency',
      '7',
      '-o',
      tape,
      ...flags,
    )

  expect((await record(path('one'), '--lanes', '1')).code).toBe(0)
  expect((await record(path('three'), '--lanes', '3')).code).toBe(0)
  for (const i of [1, 2, 3])
    expect((await record(path(`part${i}`), '--shard', `${i}/3`, '--run-id', 'r')).code).toBe(0)

  const one = await requestsOf(path('one'))
  expect(one.map(row => row['request_id'])).toEqual([...Array(300).keys()])
  expect(new Set(one.map(row => row['body_digest'])).size).toBe(300)
  expect(await requestsOf(path('three'))).toEqual(one)
  expect(await requestsOf(path('part1'), path('part2'), path('part3'))).toEqual(one)

  const lanes = await rowsOf(
    `select lane, count(*)::int as n from '${path('three')}/requests-*.parquet' group by lane order by lane`,
  )
  expect(lanes.map(row => row['lane'])).toEqual([0, 1, 2])
  const parts = await rowsOf(
    `select distinct lane from read_parquet(['${path('part1')}/requests-*.parquet', '${path('part2')}/requests-*.parquet', '${path('part3')}/requests-*.parquet']) order by lane`,
  )
  expect(parts.map(row => row['lane'])).toEqual([0, 1, 2])
  expect(JSON.parse(readFileSync(`${path('part2')}/run.json`, 'utf8'))).toMatchObject({
    run_id: 'r',
    shard: { index: 1, of: 3 },
  })
  await server.stop()
})

test('slots are shared exactly: never more in flight than asked', async () => {
  const truth = path('truth')
  const server = await simulator('--ttft-ms', '3', '--itl-ms', '1', '--truth', truth)
  const run = await tokentape(
    'record',
    ...LOAD,
    '--url',
    server.url,
    '--request-count',
    '200',
    '--concurrency',
    '10',
    '--lanes',
    '3',
    '-o',
    path('bound'),
  )
  expect(run.code).toBe(0)
  await server.stop()
  const spans = readFileSync(truth, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .filter(line => !line.summary)
  expect(spans).toHaveLength(200)
  const steps = spans
    .flatMap(({ received_ns, done_ns }) => [
      [received_ns, 1],
      [done_ns, -1],
    ])
    .sort(([a, da], [b, db]) => a - b || da - db)
  let inFlight = 0
  let most = 0
  for (const [, step] of steps) {
    inFlight += step
    most = Math.max(most, inFlight)
  }
  expect(most).toBeLessThanOrEqual(10)
  expect(most).toBeGreaterThan(5)
})

test.each([
  [['--shard', '3/2', '--run-id', 'r'], '--shard: "3/2" is not i/n'],
  [['--shard', '1/2'], '--shard: the tapes of all shards are one run, and it has no name'],
  [['--lanes', '0'], '--lanes: "0" is not a whole number'],
])('%s is refused', async (flags, message) => {
  const { code, err } = await tokentape('record', ...LOAD, ...flags, '-o', path('no'))
  expect(code).toBe(2)
  expect(err).toContain(message)
})
