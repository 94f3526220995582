import { expect, test } from 'vitest'
import { tapeOf } from '../support/tape.ts'

const HEADERS = 'select request_id, name, value from response_headers order by all'

test('each kept header is a row, by name', async () => {
  const tape = await tapeOf(
    { responseHeaders: { 'content-type': 'text/event-stream', 'server-timing': 'queue;dur=12.5' } },
    { responseHeaders: { 'retry-after': '"3"', via: ['a', 'b'] } },
    { responseHeaders: {} },
  )
  expect(await tape.query(HEADERS)).toEqual([
    { request_id: 0, name: 'content-type', value: 'text/event-stream' },
    { request_id: 0, name: 'server-timing', value: 'queue;dur=12.5' },
    { request_id: 1, name: 'retry-after', value: '"3"' },
    { request_id: 1, name: 'via', value: 'a' },
    { request_id: 1, name: 'via', value: 'b' },
  ])
})

test('a number that a header says is a column away from the request it is of', async () => {
  const tape = await tapeOf(
    { tokens: [10], responseHeaders: { 'server-timing': 'queue;dur=12.5, prefill;dur=30' } },
    { tokens: [10], responseHeaders: { 'server-timing': 'queue;dur=2' } },
  )
  expect(
    await tape.query(`
      select request_id, regexp_extract(value, 'queue;dur=([0-9.]+)', 1)::double as queue_ms
      from requests join response_headers using (run_id, request_id)
      where name = 'server-timing' order by request_id`),
  ).toEqual([
    { request_id: 0, queue_ms: 12.5 },
    { request_id: 1, queue_ms: 2 },
  ])
})
