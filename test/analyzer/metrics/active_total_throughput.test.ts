import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is over the time in which a request is under way', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [100, 150, 198], end: 200, input_tokens: 20 },
    { sent: 100, tokens: [200, 298], end: 300, input_tokens: 10 },
    { sent: 100, outcome: 'timeout', end: 200, input_tokens: 30 },
    { sent: 400, outcome: 'timeout', end: 500, input_tokens: 30 },
  )
  await tape.query('set variable quantiles = [0.5, 0.75, 0.9]')
  // Steps of 100 ms. 200, 120, 10 tokens/s, then idle, then 0.
  expect(
    await tape.query(
      `select n, avg, min, max, percentiles from time_weighted('active_total_throughput')`,
    ),
  ).toEqual([{ n: 4, avg: 82.5, min: 0, max: 200, percentiles: [10, 120, 200] }])
})
