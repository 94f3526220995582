import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the input until the first content, then both', async () => {
  const tape = await tapeOf(
    // (10·100 + 2·60 + 20·100 + 2·40 + 30·200) / 200
    { sent: 0, tokens: [40, 90], end: 100, input_tokens: 10 },
    { sent: 100, tokens: [160, 190], end: 200, input_tokens: 20 },
    { sent: 0, outcome: 'timeout', end: 200, input_tokens: 30 },
  )
  expect(await tape.query('select value from tokens_in_flight order by all')).toEqual([
    { value: 46 },
  ])
})
