import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf } from '../../support/tape.ts'

test('reasoning is not output', async () => {
  const tape = await tapeOf(
    {
      sent: 10,
      reads: [
        [30, chatChunk({ reasoning: ' hm' })],
        [70, chatChunk({ content: ' a' }) + DONE],
      ],
    },
    { sent: 0, reads: [[30, chatChunk({ reasoning: ' hm' }) + DONE]] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query(
      'select request_id, value / 1e6 as ms from time_to_first_output_token order by all',
    ),
  ).toEqual([{ request_id: 0, ms: 60 }])
})
