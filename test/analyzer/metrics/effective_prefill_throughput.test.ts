import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is over the time of all requests', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [40, 60, 90], end: 100, input_tokens: 10 },
    { sent: 100, tokens: [160, 190], end: 195, input_tokens: 20 },
    { sent: 0, outcome: 'timeout', end: 200, input_tokens: 30 },
  )
  // (10 + 20) tokens in 0.2 s.
  expect(await tape.query('select value from effective_prefill_throughput')).toEqual([
    { value: 150 },
  ])
})
