import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('with waiting and what comes after the headers it is the time to first token', async () => {
  const tape = await tapeOf(
    { sent: 10, connect: 14, bodySent: 17, headers: 40, tokens: [55, 60] },
    { sent: 10, headers: 40, tokens: [55] },
    { sent: 0, bodySent: 1, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query(`
      select
        request_id,
        client.value / 1e6 as client_ms,
        http_req_waiting.value / 1e6 as queue_ms,
        later.value / 1e6 as prefill_ms,
        time_to_first_token.value / 1e6 as ttft_ms
      from client_time_to_send as client
      join http_req_waiting using (run_id, request_id)
      join headers_to_first_token as later using (run_id, request_id)
      join time_to_first_token using (run_id, request_id)`),
  ).toEqual([{ request_id: 0, client_ms: 7, queue_ms: 23, prefill_ms: 15, ttft_ms: 45 }])
})
