import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('counts success and failure, not what was cut off', async () => {
  const tape = await tapeOf(
    { tokens: [10] },
    { tokens: [10], phase: 'warmup' },
    { outcome: 'timeout' },
    { outcome: 'cancelled' },
    { tokens: [10], outcome: 'unfinished' },
  )
  expect(await tape.query('select value from completed_request_count order by all')).toEqual([
    { value: 2 },
  ])
})
