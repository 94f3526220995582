import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the gap after the first content message, not a time from the send', async () => {
  const tape = await tapeOf({ sent: 10, tokens: [60, 75, 100] }, { sent: 10, tokens: [60] })
  expect(
    await tape.query(
      'select request_id, at_ns / 1e6 as at_ms, value / 1e6 as ms from time_to_second_token',
    ),
  ).toEqual([{ request_id: 0, at_ms: 75, ms: 15 }])
})
