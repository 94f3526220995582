import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the sum over requests that tell', async () => {
  const tape = await tapeOf(
    {
      tokens: [10, 20],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 3,
        completion_tokens_details: { reasoning_tokens: 1 },
        prompt_tokens_details: { cached_tokens: 4 },
      },
    },
    {
      tokens: [10, 20],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 3,
        completion_tokens_details: { reasoning_tokens: 1 },
        prompt_tokens_details: { cached_tokens: 4 },
      },
    },
    { tokens: [10] },
  )
  expect(await tape.query('select value from total_usage_reasoning_tokens')).toEqual([{ value: 2 }])
})
