import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is over the sum of the requests’ own times', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [40, 60, 90], end: 100, input_tokens: 10 },
    { sent: 100, tokens: [160, 190], end: 195, input_tokens: 20 },
    { sent: 0, outcome: 'timeout', end: 200, input_tokens: 30 },
  )
  // 30 tokens in 40 + 60 ms.
  expect(await tape.query('select value from effective_prefill_throughput_per_user')).toEqual([
    { value: 300 },
  ])
})
