import { expect, test } from 'vitest'
import { tapeOf } from '../support/tape.ts'

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
