import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is what comes before the headers; with what comes after them it is the time to first token', async () => {
  const tape = await tapeOf(
    { sent: 10, connect: 14, headers: 40, tokens: [55, 60] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query(`
      select request_id, setup.value / 1e6 as ms, (setup.value + later.value) / 1e6 as ttft_ms
      from stream_setup_latency as setup
      join headers_to_first_token as later using (run_id, request_id)`),
  ).toEqual([{ request_id: 0, ms: 30, ttft_ms: 45 }])
})
