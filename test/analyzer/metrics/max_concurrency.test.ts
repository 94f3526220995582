import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('an end frees its place before a send at the same instant', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [40, 90], end: 100, input_tokens: 10 },
    { sent: 100, tokens: [160, 190], end: 200, input_tokens: 20 },
    { sent: 0, outcome: 'timeout', end: 200, input_tokens: 30 },
  )
  expect(await tape.query('select value from max_concurrency order by all')).toEqual([{ value: 2 }])
})
