import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('counts what is off by more than 5 %', async () => {
  const tape = await tapeOf(
    { tokens: [10, 20, 30], requested_output_tokens: 4 },
    { tokens: [10, 20, 30], requested_output_tokens: 3 },
    { tokens: [10, 20, 30], requested_output_tokens: 2 },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(await tape.query('select value from osl_mismatch_count order by all')).toEqual([
    { value: 2 },
  ])
})
