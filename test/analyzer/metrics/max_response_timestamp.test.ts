import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is on the wall clock, exact', async () => {
  const tape = await tapeOf(
    { sent: 100, tokens: [400, 900] },
    { sent: 200, tokens: [1700], end: 2500 },
    { sent: 0, outcome: 'timeout', end: 9000 },
  )
  // The run's zero is 1764000000 s after 1970.
  expect(await tape.query('select value from max_response_timestamp')).toEqual([
    { value: 1_764_000_001_700_000_000n },
  ])
})
