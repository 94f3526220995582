import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is in percent of what the client counted', async () => {
  const tape = await tapeOf(
    {
      tokens: [10, 20],
      input_tokens: 8,
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
  expect(
    await tape.query('select request_id, value from usage_completion_tokens_diff_pct order by all'),
  ).toEqual([{ request_id: 0, value: 50 }])
})
