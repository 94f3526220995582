import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the input tokens over the time to the first token', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [50, 100], input_tokens: 20 }, // 20 tokens in 0.05 s
    { sent: 0, tokens: [50], input_tokens: null },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from prefill_throughput_per_user order by all'),
  ).toEqual([{ request_id: 0, value: 400 }])
})
