import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('spreads a gap over the tokens that came with it', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [[50, ' a b'], [80, ' c d e'], 90] }, // 30 / 3 three times, then 10
    { sent: 0, tokens: [50] },
    { sent: 0, tokens: [50, 60], outcome: 'broken_stream' },
  )
  expect(
    await tape.query('select request_id, value / 1e6 as ms from inter_token_gap order by all'),
  ).toEqual([
    { request_id: 0, ms: 10 },
    { request_id: 0, ms: 10 },
    { request_id: 0, ms: 10 },
    { request_id: 0, ms: 10 },
  ])
})

test('a message in which no token ends gives its time to the one that ends it', async () => {
  const tape = await tapeOf({ sent: 0, tokens: [50, [60, ' hel'], [80, 'lo']] })
  // The words tokenizer: " word", then " hello" ends in the third message.
  expect(await tape.query('select value / 1e6 as ms from inter_token_gap')).toEqual([{ ms: 30 }])
})

test('before the first token is whole there is no gap', async () => {
  const tape = await tapeOf({ sent: 0, tokens: [[50, ' hel'], [60, 'lo'], 75] })
  expect(await tape.query('select value / 1e6 as ms from inter_token_gap')).toEqual([{ ms: 15 }])
})
