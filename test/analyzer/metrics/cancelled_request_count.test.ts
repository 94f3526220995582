import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('counts what was cancelled', async () => {
  const tape = await tapeOf(
    { tokens: [10] },
    { tokens: [10], phase: 'warmup' },
    { outcome: 'timeout' },
    { outcome: 'cancelled' },
    { tokens: [10], outcome: 'unfinished' },
  )
  expect(await tape.query('select value from cancelled_request_count order by all')).toEqual([
    { value: 1 },
  ])
})
