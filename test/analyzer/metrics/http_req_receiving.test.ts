import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('runs from the headers to the end', async () => {
  const tape = await tapeOf(
    { sent: 10, headers: 40, tokens: [55, 60], end: 90 },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from http_req_receiving order by all'),
  ).toEqual([{ request_id: 0, ms: 50 }])
})
