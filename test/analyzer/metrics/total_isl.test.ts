import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the sum over successful requests', async () => {
  const tape = await tapeOf(
    { tokens: [10], input_tokens: 7 },
    { tokens: [10], input_tokens: 5 },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(await tape.query('select value from total_isl order by all')).toEqual([{ value: 12 }])
})

test('is 0 where no request succeeded', async () => {
  const tape = await tapeOf({ outcome: 'timeout' }, { outcome: 'cancelled' })
  expect(await tape.query('select value from total_isl')).toEqual([{ value: 0 }])
})
