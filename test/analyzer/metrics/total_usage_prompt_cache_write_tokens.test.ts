import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the sum over requests that tell', async () => {
  const usage = { prompt_tokens: 10, cache_creation_input_tokens: 4 }
  const tape = await tapeOf({ tokens: [10], usage }, { tokens: [10], usage }, { tokens: [10] })
  expect(await tape.query('select value from total_usage_prompt_cache_write_tokens')).toEqual([
    { value: 8 },
  ])
})
