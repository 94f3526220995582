import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('a failed request is infinitely slow', async () => {
  const tape = await tapeOf(
    { sent: 0, dequeued: 0, tokens: [50, 60, 90], end: 100 },
    { sent: 0, outcome: 'timeout' },
  )
  expect(
    await tape.query(
      'select request_id, value / 1e6 as ms from adj_time_to_first_token order by all',
    ),
  ).toEqual([
    { request_id: 0, ms: 50 },
    { request_id: 1, ms: Number.POSITIVE_INFINITY },
  ])
})
