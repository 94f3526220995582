import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is what comes after the headers', async () => {
  const tape = await tapeOf(
    { sent: 10, headers: 40, tokens: [55, 60] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query(
      'select request_id, value / 1e6 as ms from headers_to_first_token order by all',
    ),
  ).toEqual([{ request_id: 0, ms: 15 }])
})
