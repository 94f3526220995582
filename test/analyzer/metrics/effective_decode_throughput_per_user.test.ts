import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is shared by all in decode; 0 when none is', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [100, 150, 198], end: 200 },
    { sent: 0, tokens: [100, 298], end: 300 },
    { sent: 300, outcome: 'timeout', end: 400 },
  )
  await tape.query('set variable quantiles = [0.5, 0.75, 0.9]')
  // Steps of 100 ms. None; 20 and 5 tokens/s for two; 5 for one; none.
  expect(
    await tape.query(
      `select n, avg, min, max, percentiles from time_weighted('effective_decode_throughput_per_user')`,
    ),
  ).toEqual([{ n: 4, avg: 4.375, min: 0, max: 12.5, percentiles: [0, 5, 12.5] }])
})
