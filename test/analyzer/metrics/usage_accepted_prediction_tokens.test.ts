import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is what the server said', async () => {
  const usage = {
    completion_tokens: 9,
    completion_tokens_details: { accepted_prediction_tokens: 4 },
  }
  const tape = await tapeOf(
    { tokens: [10, 20], usage },
    { tokens: [10] },
    { tokens: [40], usage, outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from usage_accepted_prediction_tokens order by all'),
  ).toEqual([{ request_id: 0, value: 4 }])
})
