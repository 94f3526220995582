import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is from the first content to the last', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [50, 60, 90], end: 200 },
    { sent: 0, tokens: [50] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from decode_duration order by all'),
  ).toEqual([
    { request_id: 0, ms: 40 },
    { request_id: 1, ms: 0 },
  ])
})
