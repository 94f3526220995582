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

test('is 0 where nothing failed, and has no value where nobody counted what failed', async () => {
  const healthy = await tapeOf({ tokens: [10] })
  expect(await healthy.query('select value from total_error_isl')).toEqual([{ value: 0 }])
  const unknown = await tapeOf({ tokens: [10] }, { outcome: 'timeout', input_tokens: null })
  expect(await unknown.query('from total_error_isl')).toEqual([])
})
