import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is a share of all', async () => {
  const tape = await tapeOf(
    { tokens: [10] },
    { tokens: [10], phase: 'warmup' },
    { outcome: 'timeout' },
    { outcome: 'cancelled' },
    { tokens: [10], outcome: 'unfinished' },
  )
  expect(await tape.query('select value from failed_ratio order by all')).toEqual([{ value: 0.75 }])
})
