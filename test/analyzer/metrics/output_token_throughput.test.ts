import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the tokens of successful requests per second of the benchmark', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [50, 60, 100] },
    { sent: 100, tokens: [150, 200] }, // 5 tokens in 0.2 s
    { sent: 0, tokens: [10, 20, 30], outcome: 'cancelled' },
  )
  expect(await tape.query('select value from output_token_throughput')).toEqual([{ value: 25 }])
})
