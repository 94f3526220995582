import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is over the duration', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [100], session_id: 'a' },
    { sent: 100, tokens: [200], session_id: 'a', turn: 1 },
    { sent: 300, tokens: [500], session_id: 'b' },
    { tokens: [10], session_id: 'c' },
    { outcome: 'timeout', session_id: 'c', turn: 1 },
  )
  expect(await tape.query('select value from session_throughput order by all')).toEqual([
    { value: 4 },
  ])
})
