import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is absent where a connection was reused', async () => {
  const tape = await tapeOf(
    { sent: 10, connect: 14, tokens: [50] },
    { sent: 10, tokens: [50] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from http_req_connecting order by all'),
  ).toEqual([{ request_id: 0, ms: 4 }])
})
