import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the sum over failed requests', async () => {
  const tape = await tapeOf(
    { tokens: [10], input_tokens: 7 },
    { outcome: 'timeout', input_tokens: 5 },
    { outcome: 'connect_error', input_tokens: 6 },
  )
  expect(await tape.query('select value from total_error_isl order by all')).toEqual([
    { value: 11 },
  ])
})
