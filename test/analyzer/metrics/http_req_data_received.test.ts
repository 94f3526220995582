import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf } from '../../support/tape.ts'

test('is the bytes on the wire', async () => {
  const tape = await tapeOf(
    {
      reads: [
        [10, chatChunk({ content: 'a' })],
        [20, DONE],
      ],
    },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from http_req_data_received order by all'),
  ).toEqual([{ request_id: 0, value: chatChunk({ content: 'a' }).length + DONE.length }])
})
