import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is from the first content to the end of the answer', async () => {
  const tape = await tapeOf(
    { sent: 10, tokens: [50, 60], end: 200 },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from full_decode_duration order by all'),
  ).toEqual([{ request_id: 0, ms: 150 }])
})
