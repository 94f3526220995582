import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is over the tokens after the first, to the end of the answer', async () => {
  const tape = await tapeOf(
    { sent: 10, tokens: [50, 60, 70], end: 250 }, // (250 - 50) / (3 - 1)
    { sent: 10, tokens: [50], end: 250 },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query(
      'select request_id, value / 1e6 as ms from full_response_inter_token_latency order by all',
    ),
  ).toEqual([{ request_id: 0, ms: 100 }])
})
