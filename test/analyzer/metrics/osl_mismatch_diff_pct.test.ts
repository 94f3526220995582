import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is signed, in percent of what was asked for', async () => {
  const tape = await tapeOf(
    { tokens: [10, 20, 30], requested_output_tokens: 4 },
    { tokens: [10, 20, 30], requested_output_tokens: 2 },
    { tokens: [10] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from osl_mismatch_diff_pct order by all'),
  ).toEqual([
    { request_id: 0, value: -25 },
    { request_id: 1, value: 50 },
  ])
})
