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

test('a request that was sent again is written over its new connection', async () => {
  const again = {
    kind: 'body_sent',
    status: 0,
    n_bytes: 2,
    data: new Uint8Array(),
    blanked_bytes: null,
  } as const
  const tape = await tapeOf({
    ...{ sent: 10, bodySent: 11, retries: [20], connect: 25, headers: 40, tokens: [50] },
    corrupted: happened => [...happened, { at: 28, row: again }],
  })
  expect(
    await tape.query('select sending_ms, headers_wait_ms, client_send_ms from request_metrics'),
  ).toEqual([{ sending_ms: 3, headers_wait_ms: 12, client_send_ms: 18 }])
})
