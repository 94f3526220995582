import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('counts sessions that are whole', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [100], session_id: 'a' },
    { sent: 100, tokens: [200], session_id: 'a', turn: 1 },
    { sent: 300, tokens: [500], session_id: 'b' },
    { tokens: [10], session_id: 'c' },
    { outcome: 'timeout', session_id: 'c', turn: 1 },
  )
  expect(await tape.query('select value from session_count order by all')).toEqual([{ value: 2 }])
})

test('is 0 where no session is whole, and has no value in a run without sessions', async () => {
  const broken = await tapeOf({ outcome: 'timeout', session_id: 'a' })
  expect(await broken.query('select value from session_count')).toEqual([{ value: 0 }])
  const single = await tapeOf({ tokens: [10] })
  expect(await single.query('from session_count')).toEqual([])
})
