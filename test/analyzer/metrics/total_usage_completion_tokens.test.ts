import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the sum of what the server said', async () => {
  const tape = await tapeOf(
    { tokens: [10], usage: { prompt_tokens: 10, completion_tokens: 3 } },
    { tokens: [10], usage: { prompt_tokens: 20, completion_tokens: 4 } },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(await tape.query('select value from total_usage_completion_tokens order by all')).toEqual([
    { value: 7 },
  ])
})
