import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('counts successful requests of the profiling phase', async () => {
  const tape = await tapeOf(
    { tokens: [10] },
    { tokens: [10], phase: 'warmup' },
    { outcome: 'timeout' },
  )
  expect(await tape.query('select value from request_count')).toEqual([{ value: 1 }])
})
