import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is next to the least late', async () => {
  const tape = await tapeOf(
    { scheduled: 0, sent: 3, tokens: [50] },
    { scheduled: 10, sent: 11, tokens: [50] },
    { scheduled: 20, sent: 40, tokens: [50] },
    { sent: 20, tokens: [50] },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from replay_lag order by all'),
  ).toEqual([
    { request_id: 0, ms: 2 },
    { request_id: 1, ms: 0 },
    { request_id: 2, ms: 19 },
  ])
})
