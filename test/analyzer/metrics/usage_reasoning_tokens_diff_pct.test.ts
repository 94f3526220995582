import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf, usageChunk } from '../../support/tape.ts'

test('is in percent of what the client counted', async () => {
  const tape = await tapeOf(
    {
      reads: [
        [10, chatChunk({ reasoning: ' hm so' })],
        [20, chatChunk({ content: ' a' })],
        [
          30,
          usageChunk({ completion_tokens: 4, completion_tokens_details: { reasoning_tokens: 3 } }) +
            DONE,
        ],
      ],
    }, // the server says 3, the client 2
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from usage_reasoning_tokens_diff_pct order by all'),
  ).toEqual([{ request_id: 0, value: 50 }])
})
