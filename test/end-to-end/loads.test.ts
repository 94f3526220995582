import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'
import { mostAtOnce, type Truth, truthOf } from '../support/truth.ts'

const path = scratch()

/** Records a load against a simulator of its own; gives the tape and what really happened. */
async function load(name: string, flags: string[], server: string[] = []) {
  const truthFile = path(`${name}.truth`)
  const tape = path(`${name}.tape`)
  const under = await simulator('--ttft-ms', '10', '--itl-ms', '2', ...server, '--truth', truthFile)
  const run = await tokentape(
    'record', '--model', 'm', '--url', under.url, '--streaming', '--isl', '8', '--osl', '5', '-o', tape, ...flags,
  ) // biome-ignore format: one flag and its value beside each other
  await under.stop()
  const manifest = JSON.parse(readFileSync(`${tape}/run.json`, 'utf8'))
  const zeroNs = Number(manifest.monotonic_zero_ns)
  const truth = truthOf(truthFile).map(line => ({
    ...line,
    received_ns: line.received_ns - zeroNs,
    done_ns: line.done_ns - zeroNs,
    token_ns: line.token_ns.map(ns => ns - zeroNs),
  }))
  return { run, tape, manifest, truth }
}

/** One row per request: when each thing happened to it, ns. */
const timesOf = async (tape: string): Promise<Record<string, number | null>[]> =>
  (
    await rowsOf(
      `select request_id, ${['scheduled', 'dequeued', 'sent', 'body_sent', 'cancel', 'end']
        .map(kind => `min(at_ns) filter (kind = '${kind}')::double as ${kind}`)
        .join(', ')} from '${tape}/events-*.parquet' group by all order by request_id`,
    )
  ).map(row => row as Record<string, number | null>)

const spans = (truth: Truth[]): [number, number][] =>
  truth.map(({ received_ns, done_ns }) => [received_ns, done_ns])
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

test('an open loop keeps its schedule: every request has one, none is sent before it', async () => {
  const { run, tape, manifest, truth } = await load('constant', [
    '--request-rate', '200', '--arrival-pattern', 'constant', '--request-count', '300',
  ]) // biome-ignore format: one flag and its value beside each other
  expect(run.code).toBe(0)
  const rows = await timesOf(tape)
  expect(rows).toHaveLength(300)
  const startNs = manifest.phases[0].started_ns
  for (const [i, { scheduled, dequeued, sent }] of rows.entries()) {
    expect(scheduled).toBeCloseTo(startNs + i * 5e6, -1)
    expect(dequeued!).toBeGreaterThanOrEqual(scheduled!)
    expect(sent!).toBeGreaterThanOrEqual(dequeued!)
  }
  const arrived = new Map(
    truth.map(line => [Number(line.x_request_id.split('-').pop()), line.received_ns]),
  )
  for (const { request_id, sent } of rows)
    expect(arrived.get(Number(request_id))!).toBeGreaterThanOrEqual(sent!)
  // A tolerance for a busy machine; test/bench/send-time.ts has the real figures.
  expect(median(rows.map(({ scheduled, sent }) => sent! - scheduled!))).toBeLessThan(20e6)
})

test('the same seed gives the same poisson schedule for any number of lanes', async () => {
  const flags = ['--request-rate', '300', '--request-count', '150', '--random-seed', '5']
  const one = await load('poisson1', flags)
  const three = await load('poisson3', [...flags, '--lanes', '3'])
  const dues = async ({ tape, manifest }: typeof one) =>
    (await timesOf(tape)).map(({ scheduled }) =>
      Math.round(scheduled! - manifest.phases[0].started_ns),
    )
  const first = await dues(one)
  expect(await dues(three)).toEqual(first)
  expect(new Set(first.slice(1).map((ns, i) => ns - first[i]!)).size).toBeGreaterThan(140)
})

test('prefill concurrency bounds the requests before their first token', async () => {
  const { truth } = await load('prefill', [
    '--concurrency',
    '12',
    '--prefill-concurrency',
    '2',
    '--request-count',
    '60',
    '--osl',
    '30',
  ])
  expect(truth).toHaveLength(60)
  const prefills = truth.map(({ received_ns, token_ns }): [number, number] => [
    received_ns,
    token_ns[0]!,
  ])
  expect(mostAtOnce(prefills)).toBeLessThanOrEqual(2)
  expect(mostAtOnce(spans(truth))).toBeGreaterThan(4)
})

test('a duration stops the sending, and its grace period the waiting', async () => {
  const { run, tape, manifest } = await load(
    'duration',
    [
      '--request-rate',
      '100',
      '--benchmark-duration',
      '1',
      '--benchmark-grace-period',
      '0.3',
      '--osl',
      '5000',
    ],
    ['--itl-ms', '10'],
  )
  expect(run.code).toBe(3)
  const rows = await timesOf(tape)
  const startNs = manifest.phases[0].started_ns
  const sent = rows.filter(row => row['sent'] !== null)
  expect(sent.length).toBeGreaterThan(60)
  for (const row of sent) expect(row['sent']! - startNs).toBeLessThan(1.05e9)
  for (const row of rows) expect(row['cancel']! - startNs).toBeGreaterThanOrEqual(0.99e9)
  expect(manifest.phases[0].ended_ns - startNs).toBeGreaterThanOrEqual(1.29e9)
})

test('a warm-up is recorded, marked, over before the load begins, and not in the report', async () => {
  const { tape, manifest, truth } = await load('warm', [
    '--concurrency',
    '4',
    '--request-count',
    '40',
    '--warmup-request-count',
    '12',
    '--warmup-concurrency',
    '2',
  ])
  expect(truth).toHaveLength(52)
  expect(mostAtOnce(spans(truth.slice(0, 12)))).toBeLessThanOrEqual(2)
  const phases = await rowsOf(
    `select phase, count(*)::int as n from '${tape}/requests-*.parquet' group by all order by all`,
  )
  expect(phases).toEqual([
    { phase: 'profiling', n: 40 },
    { phase: 'warmup', n: 12 },
  ])
  expect(manifest.phases.map(({ name }: { name: string }) => name)).toEqual(['warmup', 'profiling'])
  expect(manifest.phases[1].started_ns).toBeGreaterThanOrEqual(manifest.phases[0].ended_ns)
  const json = JSON.parse((await tokentape('report', tape, '--format', 'json')).out)
  expect(json.request_count.avg).toBe(40)
  expect(json.time_to_first_token.count).toBe(40)
})

test('the share of failures that is too much ends the run', async () => {
  const { run, manifest } = await load(
    'threshold',
    ['--concurrency', '2', '--request-count', '5000', '--failed-request-threshold', '0.5'],
    ['--fault', 'status-500'],
  )
  expect(run.code).toBe(3)
  expect(run.err).toContain('more than --failed-request-threshold 0.5')
  expect(manifest).toMatchObject({ state: 'sealed', outcome: 'failed' })
})

test('connections: never opens one for each request, pooled keeps them', async () => {
  const count = async (tape: string) =>
    (
      await rowsOf(
        `select count(*)::int as n from '${tape}/events-*.parquet' where kind = 'connect'`,
      )
    )[0]!['n']
  const never = await load('never', [
    '--concurrency',
    '2',
    '--request-count',
    '20',
    '--connection-reuse-strategy',
    'never',
  ])
  expect(await count(never.tape)).toBe(18)
  const pooled = await load('pooled', ['--concurrency', '2', '--request-count', '20'])
  expect(await count(pooled.tape)).toBe(0)
})

test.each([
  [['--request-rate', '0'], '--request-rate: "0" is not above 0'],
  [['--request-rate', '-1'], '--request-rate: "-1" is not a number of at least 0'],
  [['--request-rate', 'NaN'], '--request-rate: "NaN"'],
  [
    ['--request-rate', '5', '--user-centric-rate', '5', '--num-users', '2'],
    '--request-rate and --user-centric-rate are two load modes',
  ],
  [['--request-count', '5', '--num-sessions', '5'], '--request-count and --num-sessions'],
  [['--arrival-pattern', 'poisson'], '--arrival-pattern: there is no rate'],
  [['--request-rate', '5', '--arrival-smoothness', '2'], '--arrival-smoothness: only gamma'],
  [
    ['--request-cancellation-rate', '101'],
    '--request-cancellation-rate: "101" is not a percentage',
  ],
  [['--fixed-schedule'], '--fixed-schedule: the dataset has no timestamps'],
  [['--user-centric-rate', '5'], '--user-centric-rate and --num-users go together'],
  [['--request-rate-series', '[[0]]'], '--request-rate-series'],
  [
    ['--concurrency', '2', '--prefill-concurrency', '3'],
    '--prefill-concurrency: 3 is more than --concurrency 2',
  ],
  [['--request-rate', '5', '--speedup', '2'], '--speedup: there is no fixed schedule'],
  [['--warmup-concurrency', '2'], '--warmup-concurrency: there is no warm-up'],
  [
    ['--prefill-concurrency-ramp-duration', '2'],
    '--prefill-concurrency-ramp-duration: there is no prefill concurrency to grow',
  ],
  [
    ['--keep', 'timing', '-H', 'Accept-Encoding: br'],
    '--header: Accept-Encoding "br" asks for compressed answers, into which --keep timing cannot look',
  ],
])('%s is refused before anything is sent', async (flags, message) => {
  const { code, err } = await tokentape(
    'record',
    '--model',
    'm',
    '--streaming',
    ...flags,
    '-o',
    path('no.tape'),
  )
  expect(err).toContain(`error: ${message}`)
  expect(code).toBe(2)
})
