import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('counts a request once, and only beyond 10 %', async () => {
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
    { tokens: [10], input_tokens: 10, usage: { prompt_tokens: 11, completion_tokens: 1 } },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(await tape.query('select value from usage_discrepancy_count order by all')).toEqual([
    { value: 1 },
  ])
})

test('is 0 where counts agree, and has no value where there is nothing to compare', async () => {
  const agreeing = await tapeOf({
    tokens: [10, 20],
    input_tokens: 8,
    usage: { prompt_tokens: 8, completion_tokens: 2 },
  })
  expect(await agreeing.query('select value from usage_discrepancy_count')).toEqual([{ value: 0 }])
  const silent = await tapeOf({ tokens: [10, 20] })
  expect(await silent.query('from usage_discrepancy_count')).toEqual([])
})
