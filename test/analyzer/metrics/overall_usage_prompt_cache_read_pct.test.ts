import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is of the totals of those that tell', async () => {
  const tape = await tapeOf(
    { tokens: [10], usage: { prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 1 } } },
    { tokens: [10], usage: { prompt_tokens: 30, prompt_tokens_details: { cached_tokens: 9 } } },
    { tokens: [10], usage: { prompt_tokens: 60 } },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select value from overall_usage_prompt_cache_read_pct order by all'),
  ).toEqual([{ value: 25 }])
})
