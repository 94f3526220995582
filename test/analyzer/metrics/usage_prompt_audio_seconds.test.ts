import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is what the server said', async () => {
  const usage = { prompt_tokens: 10, prompt_audio_seconds: 6.5 }
  const tape = await tapeOf(
    { tokens: [10, 20], usage },
    { tokens: [10] },
    { tokens: [40], usage, outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from usage_prompt_audio_seconds order by all'),
  ).toEqual([{ request_id: 0, value: 6.5e9 }])
})
