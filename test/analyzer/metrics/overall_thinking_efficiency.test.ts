import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf } from '../../support/tape.ts'

test('is of the totals', async () => {
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
  expect(await tape.query('select value from overall_thinking_efficiency order by all')).toEqual([
    { value: 2 / 5 },
  ])
})
