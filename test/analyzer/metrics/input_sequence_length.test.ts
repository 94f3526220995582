import { expect, test } from 'vitest'
import { openLiteral, tapeOf } from '../../support/tape.ts'

test('is what the recorder counted, else what the server did', async () => {
  const usage = { prompt_tokens: 9, completion_tokens: 1 }
  const requests = [
    { tokens: [10], input_tokens: 5, usage },
    { tokens: [10], input_tokens: null, usage },
    { tokens: [10], input_tokens: null },
  ]
  const tape = await tapeOf(...requests)
  expect(
    await tape.query('select request_id, value from input_sequence_length order by all'),
  ).toEqual([
    { request_id: 0, value: 5 },
    { request_id: 1, value: 9 },
  ])
  const server = await openLiteral(requests, {}, { tokenSource: 'server' })
  expect(
    await server.query('select value from input_sequence_length where request_id = 0'),
  ).toEqual([{ value: 9 }])
})
