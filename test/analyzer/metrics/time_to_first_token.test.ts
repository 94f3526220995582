import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('runs from the send, not from the schedule, and skips failed requests', async () => {
  const tape = await tapeOf(
    { scheduled: 0, sent: 10, tokens: [60, 80, 100] }, // milliseconds
    { sent: 20, tokens: [220] },
    { sent: 30, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from time_to_first_token order by all'),
  ).toEqual([
    { request_id: 0, ms: 50 },
    { request_id: 1, ms: 200 },
  ])
})
