import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('shares the output after the first token over the decode', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [100, 150, 198], end: 200, input_tokens: 20 },
    { sent: 100, tokens: [200, 298], end: 300, input_tokens: 10 },
    { sent: 100, outcome: 'timeout', end: 200, input_tokens: 30 },
    { sent: 400, outcome: 'timeout', end: 500, input_tokens: 30 },
  )
  await tape.query('set variable quantiles = [0.5, 0.75, 0.9]')
  // Steps of 100 ms. 2 tokens in the second, 1 in the third, none in the other three.
  expect(
    await tape.query(
      `select n, avg, min, max, percentiles from time_weighted('effective_decode_throughput')`,
    ),
  ).toEqual([{ n: 5, avg: 6, min: 0, max: 20, percentiles: [0, 10, 20] }])
})
