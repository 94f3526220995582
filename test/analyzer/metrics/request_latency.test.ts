import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf, usageChunk } from '../../support/tape.ts'

test('ends at the last content message, whatever the server sends after it', async () => {
  const tape = await tapeOf({
    sent: 10,
    reads: [
      [60, chatChunk({ content: 'a' })],
      [100, chatChunk({ content: 'b' })],
      [150, chatChunk({}, 'stop')],
      [200, usageChunk({ completion_tokens: 2 }) + DONE],
    ],
    end: 300,
  })
  expect(await tape.query('select value / 1e6 as ms from request_latency')).toEqual([{ ms: 90 }])
})
