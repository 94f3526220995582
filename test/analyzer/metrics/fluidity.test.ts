import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('a reader with a buffer', async () => {
  const tape = await tapeOf(
    // Read from 100: wanted at 300 (came at 150), at 500 (came at 800: 300 ms late), then at 1000 (came at 950) and 1200 (at 1199).
    { sent: 0, tokens: [100, 150, 800, 950, 1199] },
    // Three at once last until 700; the next is there on the dot.
    { sent: 0, tokens: [[100, ' a b c'], 700] },
    { sent: 0, tokens: [100] },
    { sent: 0, tokens: [50, 900], outcome: 'broken_stream' },
  )
  expect(await tape.query('select request_id, value from fluidity order by all')).toEqual([
    { request_id: 0, value: 0.75 },
    { request_id: 1, value: 1 },
  ])
})
