import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the longest gap of each request', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [50, 60, 90, 95] },
    { sent: 0, tokens: [50, 51] },
    { sent: 0, tokens: [50] },
    { sent: 0, tokens: [10, 900], outcome: 'broken_stream' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from max_gap order by all'),
  ).toEqual([
    { request_id: 0, ms: 30 },
    { request_id: 1, ms: 1 },
  ])
})
