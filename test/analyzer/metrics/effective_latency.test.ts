import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('runs from the schedule, or from when a sender took it up, to the end of the answer', async () => {
  const tape = await tapeOf(
    { scheduled: 5, dequeued: 8, sent: 10, tokens: [60], end: 100 },
    { dequeued: 8, sent: 10, tokens: [60], end: 100 },
    { sent: 10, tokens: [60], end: 100 },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from effective_latency order by all'),
  ).toEqual([
    { request_id: 0, ms: 95 },
    { request_id: 1, ms: 92 },
  ])
})
