import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf } from '../../support/tape.ts'

test('is the reads of the socket', async () => {
  const tape = await tapeOf(
    {
      reads: [
        [10, chatChunk({ content: 'a' })],
        [20, chatChunk({ content: 'b' }) + DONE],
      ],
    },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from http_req_chunks_received order by all'),
  ).toEqual([{ request_id: 0, value: 2 }])
})
