import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf } from '../../support/tape.ts'

test('is every gap; messages of one read have none between them', async () => {
  const tape = await tapeOf(
    {
      reads: [
        [50, chatChunk({ content: 'a' })],
        [60, chatChunk({ content: 'b' }) + chatChunk({ content: 'c' })],
        [90, chatChunk({ content: 'd' }) + DONE],
      ],
    },
    { tokens: [10, 20], outcome: 'broken_stream' },
  )
  expect(
    await tape.query(
      'select at_ns / 1e6 as at_ms, value / 1e6 as ms from inter_chunk_latency order by all',
    ),
  ).toEqual([
    { at_ms: 60, ms: 0 },
    { at_ms: 60, ms: 10 },
    { at_ms: 90, ms: 30 },
  ])
})
