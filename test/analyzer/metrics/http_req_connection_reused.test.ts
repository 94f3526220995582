import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('of a request with a connection of its own, and of one that reused it', async () => {
  const tape = await tapeOf(
    { sent: 10, connect: 14, tokens: [55, 60], end: 80 },
    { sent: 90, tokens: [120], end: 140 },
    { sent: 0, connect: 3, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from http_req_connection_reused order by all'),
  ).toEqual([
    { request_id: 0, value: 0 },
    { request_id: 1, value: 1 },
  ])
})
