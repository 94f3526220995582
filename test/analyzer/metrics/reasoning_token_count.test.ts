import { expect, test } from 'vitest'
import { chatChunk, DONE, openLiteral, tapeOf } from '../../support/tape.ts'

test('is the tokens of the reasoning, 0 without', async () => {
  const tape = await tapeOf(
    {
      reads: [
        [10, chatChunk({ reasoning: ' hm so' })],
        [20, chatChunk({ content: ' a b c' })],
        [30, DONE],
      ],
    },
    { tokens: [10, 20] },
    { sent: 0, tokens: [40], outcome: 'timeout' },
  )
  expect(
    await tape.query('select request_id, value from reasoning_token_count order by all'),
  ).toEqual([
    { request_id: 0, value: 2 },
    { request_id: 1, value: 0 },
  ])
})

test('is told apart where one message brings reasoning and text, or a whole answer', async () => {
  const said = '{"content":" a b c","reasoning_content":" hm so"}'
  const called =
    '{"content":null,"reasoning_content":" hm","tool_calls":[{"function":{"name":"f","arguments":"x"}}]}'
  const whole = await openLiteral(
    [said, called].map(message => ({
      reads: [[10, `{"choices":[{"index":0,"message":${message},"finish_reason":"stop"}]}`]],
      responseHeaders: { 'content-type': 'application/json' },
    })),
    { manifest: { endpoint: { type: 'chat', streaming: false, urls: [], model: 'm' } } },
  )
  const columns =
    'request_id, osl_tokens as osl, reasoning_tokens as reasoning, output_tokens as output'
  expect(await whole.query(`select ${columns} from request_metrics order by all`)).toEqual([
    { request_id: 0, osl: 5, reasoning: 2, output: 3 },
    { request_id: 1, osl: 2, reasoning: 1, output: 1 },
  ])
  const streamed = await tapeOf({
    reads: [
      [10, chatChunk({ reasoning: ' hm' })],
      [20, chatChunk({ reasoning: ' so', content: ' a b' })],
      [30, DONE],
    ],
  })
  expect(await streamed.query(`select ${columns} from request_metrics`)).toEqual([
    { request_id: 0, osl: 4, reasoning: 2, output: 2 },
  ])
})
