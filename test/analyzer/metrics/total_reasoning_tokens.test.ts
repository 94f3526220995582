import { expect, test } from 'vitest'
import { chatChunk, DONE, tapeOf } from '../../support/tape.ts'

test('is the sum over successful requests', async () => {
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
  expect(await tape.query('select value from total_reasoning_tokens order by all')).toEqual([
    { value: 2 },
  ])
})

test('is 0 where no request succeeded', async () => {
  const tape = await tapeOf({ outcome: 'timeout' }, { outcome: 'cancelled' })
  expect(await tape.query('select value from total_reasoning_tokens')).toEqual([{ value: 0 }])
})
