import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf } from '../../support/tape.ts'

test('is reasoning over the rest; absent without either', async () => {
  const tape = await tapeOf(
    {
      reads: [
        [10, chatChunk({ reasoning: ' hm so' })],
        [20, chatChunk({ content: ' a b c' })],
        [30, DONE],
      ],
    },
    { tokens: [10, 20] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from thinking_efficiency order by all'),
  ).toEqual([{ request_id: 0, value: 2 / 3 }])
})
