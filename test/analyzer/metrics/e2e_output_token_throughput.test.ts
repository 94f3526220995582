import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the tokens over the whole latency', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [50, 100, 200] }, // 3 tokens in 0.2 s
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from e2e_output_token_throughput order by all'),
  ).toEqual([{ request_id: 0, value: 15 }])
})
