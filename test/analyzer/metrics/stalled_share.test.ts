import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the part of the decoding in which a reader waits', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [0, 100, 400] }, // 300 of 400 ms, since 300 > 200
    { sent: 0, tokens: [0, 200] }, // 200 ms a token is the reader's own pace
    { sent: 0, tokens: [0, [300, ' a b']] }, // 2 tokens in 300 ms are faster than that
    { sent: 0, tokens: [50] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(await tape.query('select request_id, value from stalled_share order by all')).toEqual([
    { request_id: 0, value: 0.75 },
    { request_id: 1, value: 0 },
    { request_id: 2, value: 0 },
  ])
})
