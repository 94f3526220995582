import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf } from '../../support/tape.ts'

test('is the inverse of inter_token_latency, absent where all came at once', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [50, 60, 90] },
    { reads: [[50, chatChunk({ content: ' a' }) + chatChunk({ content: ' b' }) + DONE]] },
  )
  expect(
    await tape.query('select request_id, value from output_token_throughput_per_user'),
  ).toEqual([{ request_id: 0, value: 50 }])
})
