import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('begins with the connection', async () => {
  const tape = await tapeOf(
    { sent: 10, connect: 14, bodySent: 17, tokens: [55, 60] },
    { sent: 10, bodySent: 12, tokens: [55] },
    { sent: 10, tokens: [55] },
    { sent: 0, bodySent: 1, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from http_req_sending order by all'),
  ).toEqual([
    { request_id: 0, ms: 3 },
    { request_id: 1, ms: 2 },
  ])
})
