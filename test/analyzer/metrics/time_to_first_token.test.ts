import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf } from '../../support/tape.ts'

test('runs from the send, not from the schedule, and skips failed requests', async () => {
  const tape = await tapeOf(
    { scheduled: 0, sent: 10, tokens: [60, 80, 100] }, // milliseconds
    { sent: 20, tokens: [220] },
    { sent: 30, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from time_to_first_token order by all'),
  ).toEqual([
    { request_id: 0, ms: 50 },
    { request_id: 1, ms: 200 },
  ])
})

test('reasoning is content, a role and an empty text are not; warm-up does not count', async () => {
  const tape = await tapeOf(
    {
      reads: [
        [10, chatChunk({ role: 'assistant', content: '' })],
        [20, chatChunk({ content: '' })],
        [30, chatChunk({ reasoning: 'hm' })],
        [40, chatChunk({ content: 'a' })],
        [50, DONE],
      ],
    },
    { tokens: [10], phase: 'warmup' },
    { reads: [[10, DONE]] },
  )
  expect(await tape.query('select request_id, value / 1e6 as ms from time_to_first_token')).toEqual(
    [{ request_id: 0, ms: 30 }],
  )
})

test('a whole answer that was asked for as such has no first token', async () => {
  const { openLiteral } = await import('../../support/tape.ts')
  const tape = await openLiteral(
    [
      {
        reads: [[10, '{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}']],
        responseHeaders: { 'content-type': 'application/json' },
      },
    ],
    { manifest: { endpoint: { type: 'chat', streaming: false, urls: [], model: 'm' } } },
  )
  expect(await tape.query('from time_to_first_token')).toEqual([])
  expect(await tape.query('select value / 1e6 as ms from request_latency')).toEqual([{ ms: 10 }])
})
