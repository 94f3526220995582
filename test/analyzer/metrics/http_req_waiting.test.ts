import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('runs from the open connection to the headers', async () => {
  const tape = await tapeOf(
    { sent: 10, connect: 14, headers: 40, tokens: [50] },
    { sent: 10, headers: 40, tokens: [50] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from http_req_waiting order by all'),
  ).toEqual([
    { request_id: 0, ms: 26 },
    { request_id: 1, ms: 30 },
  ])
})
