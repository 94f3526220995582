import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is how much later than planned a request was sent', async () => {
  const tape = await tapeOf(
    { scheduled: 5, sent: 12, tokens: [60] },
    { scheduled: 12, sent: 10, tokens: [60] }, // early is not late
    { sent: 10, tokens: [60] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from send_lateness order by all'),
  ).toEqual([
    { request_id: 0, ms: 7 },
    { request_id: 1, ms: 0 },
  ])
})
