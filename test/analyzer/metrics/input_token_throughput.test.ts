import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the input over the duration', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [50, 100], input_tokens: 6 },
    { sent: 100, tokens: [150, 200], input_tokens: 4 }, // 10 in and 4 out in 0.2 s
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(await tape.query('select value from input_token_throughput order by all')).toEqual([
    { value: 50 },
  ])
})
