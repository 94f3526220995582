import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is of failed requests', async () => {
  const tape = await tapeOf(
    { tokens: [10], input_tokens: 7 },
    { outcome: 'timeout', input_tokens: 5 },
  )
  expect(await tape.query('select request_id, value from error_isl order by all')).toEqual([
    { request_id: 1, value: 5 },
  ])
})
