import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is weighted by time; failures count while they last, and so does idleness', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [10, 90], end: 100 },
    { sent: 50, outcome: 'timeout', end: 100 },
    { sent: 150, tokens: [160, 190], end: 200 },
  )
  await tape.query('set variable quantiles = [0.5, 0.75, 0.9]')
  // 1 for 50 ms, 2 for 50 ms (one of them fails), 0 for 50 ms, 1 for 50 ms (in two steps, as are the first).
  // 2 is never exceeded, 1 for three quarters of the time.
  expect(
    await tape.query(
      `select n, avg, min, max, percentiles from time_weighted('effective_concurrency')`,
    ),
  ).toEqual([{ n: 6, avg: 1, min: 0, max: 2, percentiles: [1, 1, 2] }])
})
