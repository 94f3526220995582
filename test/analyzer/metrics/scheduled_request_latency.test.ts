import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('runs from the schedule; a closed loop has none', async () => {
  const tape = await tapeOf(
    { scheduled: 5, sent: 10, tokens: [60, 80] },
    { sent: 10, tokens: [60] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query(
      'select request_id, value / 1e6 as ms from scheduled_request_latency order by all',
    ),
  ).toEqual([{ request_id: 0, ms: 75 }])
})
