import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is shared by all in prefill, also those that fail; 0 when none is', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [100, 150, 198], end: 200, input_tokens: 20 },
    { sent: 100, tokens: [200, 298], end: 300, input_tokens: 10 },
    { sent: 100, outcome: 'timeout', end: 200, input_tokens: 30 },
    { sent: 400, outcome: 'timeout', end: 500, input_tokens: 30 },
  )
  await tape.query('set variable quantiles = [0.5, 0.75, 0.9]')
  // Steps of 100 ms. 200 tokens/s for one, 100 for two of whom one fails, then none in prefill, none at all, one that fails.
  expect(
    await tape.query(
      `select n, avg, min, max, percentiles from time_weighted('effective_prefill_throughput_per_user')`,
    ),
  ).toEqual([{ n: 5, avg: 50, min: 0, max: 200, percentiles: [0, 50, 200] }])
})
