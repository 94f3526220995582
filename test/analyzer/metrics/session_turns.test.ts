import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('of sessions that are whole', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [100], session_id: 'a' },
    { sent: 150, tokens: [200], session_id: 'a', turn: 1 },
    { sent: 300, tokens: [500], session_id: 'b' },
    { tokens: [10], session_id: 'c' },
    { outcome: 'timeout', session_id: 'c', turn: 1 },
  )
  expect(await tape.query('select request_id, value from session_turns order by all')).toEqual([
    { request_id: 1, value: 2 },
    { request_id: 2, value: 1 },
  ])
})
