import { expect, test } from 'vitest'
import { openLiteral, tapeOf } from '../../support/tape.ts'

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
    await tape.query('select request_id, value from usage_prompt_tokens_diff_pct order by all'),
  ).toEqual([{ request_id: 0, value: 25 }])
})

test('is of the same two where the server counts come first', async () => {
  const usage = { prompt_tokens: 10, completion_tokens: 1 }
  const tape = await openLiteral(
    [{ tokens: [10], input_tokens: 8, usage }],
    {},
    { tokenSource: 'server' },
  )
  expect(await tape.query('select value from usage_prompt_tokens_diff_pct')).toEqual([
    { value: 25 },
  ])
})
