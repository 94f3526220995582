import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('counts what failed, was cancelled or was cut off', async () => {
  const tape = await tapeOf(
    { tokens: [10] },
    { outcome: 'timeout' },
    { tokens: [10], outcome: 'cancelled' },
    { tokens: [10], outcome: 'unfinished' },
  )
  expect(await tape.query('select value from error_request_count')).toEqual([{ value: 3 }])
})
