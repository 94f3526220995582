import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is what is not cached', async () => {
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
    { tokens: [10] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(await tape.query('select request_id, value from usage_prompt_cache_miss_tokens')).toEqual([
    { request_id: 0, value: 6 },
  ])
})
