import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is weighted by time; a request without content is in prefill to its end', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [40, 90], end: 100, input_tokens: 10 },
    { sent: 100, tokens: [160, 190], end: 200, input_tokens: 20 },
    { sent: 0, outcome: 'timeout', end: 200, input_tokens: 30 },
  )
  await tape.query('set variable quantiles = [0.5, 0.75, 0.9]')
  // 2 in [0, 40) and [100, 160), 1 in [40, 100) and [160, 200): (2·100 + 1·100) / 200.
  expect(
    await tape.query(
      `select n, avg, min, max, percentiles from time_weighted('effective_prefill_concurrency')`,
    ),
  ).toEqual([{ n: 4, avg: 1.5, min: 1, max: 2, percentiles: [1, 2, 2] }])
})
