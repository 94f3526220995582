import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the mean over the tokens after the first, and absent for fewer than two', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [50, 60, 90] }, //                         (90 - 50) / (3 - 1)
    {
      sent: 0,
      tokens: [
        [50, ' a b'],
        [80, ' c d'],
      ],
    }, //          4 tokens in 2 messages: 30 / 3
    { sent: 0, tokens: [50] },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from inter_token_latency order by all'),
  ).toEqual([
    { request_id: 0, ms: 20 },
    { request_id: 1, ms: 10 },
  ])
})
