import { expect, test } from 'vitest'
import { openLiteral, tapeOf } from '../support/tape.ts'

// First tokens after 10, 20, 30, 40 ms: numpy gives the same, see each line.
const tape = await tapeOf(...[10, 20, 30, 40].map(at => ({ sent: 0, tokens: [at] })))

test('statistics are those of numpy: population deviation, linear percentiles', async () => {
  await tape.query('set variable quantiles = [0, 0.5, 0.9, 1]')
  expect(await tape.query(`from summary('time_to_first_token')`)).toEqual([
    {
      run_id: 'a',
      n: 4,
      avg: 25e6,
      min: 10e6,
      max: 40e6,
      sum: 100e6,
      std: Math.sqrt(125) * 1e6, //  np.std([10, 20, 30, 40]) = 11.1803…
      percentiles: [10e6, 25e6, 37e6, 40e6], //  np.percentile(…, 90) = 37
    },
  ])
})

test('samples hold every metric, and metrics their facts', async () => {
  expect(
    await tape.query(`select count(*) as n from samples where metric = 'time_to_first_token'`),
  ).toEqual([{ n: 4 }])
  expect(await tape.query(`from metrics where metric = 'request_latency'`)).toEqual([
    {
      metric: 'request_latency',
      title: 'Request Latency',
      unit: 'ns',
      kind: 'distribution',
      grain: 'request',
      better: 'lower',
    },
  ])
})

test('a metric of grain time is weighted by it: percentiles, and the deviation', async () => {
  // 1 for 10 ms, 2 for 10 ms, 0 for 20 ms, 1 for 10 ms: mean 0.8, variance (0.04·20 + 1.44·10 + 0.64·20) / 50 = 0.56.
  const loads = await tapeOf(
    { sent: 0, tokens: [10], end: 20 },
    { sent: 10, outcome: 'timeout', end: 20 },
    { sent: 40, outcome: 'timeout', end: 50 },
  )
  await loads.query('set variable quantiles = [0.25, 0.4, 0.41, 0.99]')
  expect(
    await loads.query(`from summary('effective_concurrency', method := 'time_weighted')`),
  ).toEqual([
    {
      ...{ run_id: 'a', n: 4, avg: 0.8, min: 0, max: 2, sum: null, std: Math.sqrt(0.56) },
      percentiles: [0, 0, 1, 2],
    },
  ])
})

test('a whole answer does not tell when its prompt was read: neither a run nor its slices say', async () => {
  const body = '{"choices":[{"message":{"content":" a b"},"finish_reason":"stop"}]}'
  const whole = await openLiteral(
    [{ sent: 0, reads: [[50, body]], responseHeaders: { 'content-type': 'application/json' } }],
    { manifest: { endpoint: { type: 'chat', streaming: false, urls: [], model: 'm' } } },
  )
  expect(await whole.query('from effective_prefill_throughput')).toEqual([])
  expect(
    await whole.query('select concurrency, prefill_throughput from slice_load(1_000_000_000)'),
  ).toEqual([{ concurrency: 1, prefill_throughput: 0 }])
})

test('steps are cut at the edges of slices, and give the means that slice_load gives', async () => {
  const loads = await tapeOf(
    { sent: 0, tokens: [40, 170], end: 200, input_tokens: 10 },
    { sent: 50, tokens: [90, 130], end: 150, input_tokens: 20 },
    { sent: 50, outcome: 'timeout', end: 230, input_tokens: 30 },
  )
  await loads.query('set variable quantiles = [0.5, 0.8]')
  // In flight: 1 to 50 ms, 3 to 150, 2 to 200, 1 to 230.
  expect(
    await loads.query(`
      select slice, avg, min, max, percentiles
      from time_weighted('effective_concurrency', width_ns := 100_000_000)`),
  ).toEqual([
    { slice: 0, avg: 2, min: 1, max: 3, percentiles: [1, 3] },
    { slice: 1, avg: 2.5, min: 2, max: 3, percentiles: [2, 3] },
    { slice: 2, avg: 1, min: 1, max: 1, percentiles: [1, 1] },
  ])
  for (const [metric, column] of [
    ['effective_concurrency', 'concurrency'],
    ['effective_prefill_concurrency', 'prefill_concurrency'],
    ['effective_decode_concurrency', 'decode_concurrency'],
    ['tokens_in_flight', 'tokens_in_flight'],
    ['effective_prefill_throughput', 'prefill_throughput'],
  ]) {
    const rows = await loads.query(`
      select abs(avg - ${column}) < 1e-6 as same
      from time_weighted('${metric}', width_ns := 100_000_000)
      join slice_load(100_000_000) using (run_id, slice)`)
    expect(rows, metric).toEqual([{ same: true }, { same: true }, { same: true }])
  }
})

test('the deviation of a million requests of five hours is there, though their squares overflow', async () => {
  await tape.query(
    `create table long_latencies as select 'a' as run_id, null::bigint as at_ns, 18_000_000_000_000 + i as value from range(1_000_000) as t(i)`,
  )
  const [row] = await tape.query(`from summary('long_latencies')`)
  // Of 0 to n - 1: the root of (n^2 - 1) / 12.
  expect(row!['std']).toBeCloseTo(Math.sqrt((1e12 - 1) / 12), 3)
  expect(row!['sum']).toBe(18e18 + 499_999_500_000)
})
