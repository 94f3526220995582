import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the inverse of full_response_inter_token_latency', async () => {
  const tape = await tapeOf(
    { sent: 10, tokens: [50, 60, 70], end: 250 }, // 2 tokens in 0.2 s
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query(
      'select request_id, value from full_response_output_token_throughput_per_user order by all',
    ),
  ).toEqual([{ request_id: 0, value: 10 }])
})
