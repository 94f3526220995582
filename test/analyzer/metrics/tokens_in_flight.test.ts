import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the input until the first content, then both', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [40, 90], end: 100, input_tokens: 10 },
    { sent: 100, tokens: [160, 190], end: 200, input_tokens: 20 },
    { sent: 0, outcome: 'timeout', end: 200, input_tokens: 30 },
  )
  await tape.query('set variable quantiles = [0.5, 0.75, 0.9]')
  // 30 and 10 in [0, 40), with 2 of output in [40, 100), 30 and 20 in [100, 160), with 2 in [160, 200):
  // (40·40 + 42·60 + 50·60 + 52·40) / 200.
  expect(
    await tape.query(`select n, avg, min, max, percentiles from time_weighted('tokens_in_flight')`),
  ).toEqual([{ n: 4, avg: 46, min: 40, max: 52, percentiles: [42, 50, 52] }])
})
