import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('divides by the tokens that came after the first message', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [[50, ' a b c'], [80, ' d'], 110] }, // 60 ms for 2 tokens; inter_token_latency has 60 / 4
    { sent: 0, tokens: [[50, ' a b c']] },
    { sent: 0, tokens: [50, 60], outcome: 'broken_stream' },
  )
  expect(
    await tape.query(`
      select request_id, value / 1e6 as ms, itl_ms
      from inter_token_latency_without_first_chunk
      join request_metrics using (run_id, request_id)`),
  ).toEqual([{ request_id: 0, ms: 30, itl_ms: 15 }])
})
