import { expect, test } from 'vitest'
import { decoded, named, redactedShape, shapeOf, unnamed } from '../../../support/decoded.ts'
import { tapeOf } from '../../../support/tape.ts'

const usage = {
  input_tokens: 37,
  input_tokens_details: { cached_tokens: 32 },
  output_tokens: 11,
  output_tokens_details: { reasoning_tokens: 4 },
  total_tokens: 48,
}
const USAGE = {
  prompt_tokens: 37,
  cached_tokens: 32,
  completion_tokens: 11,
  reasoning_tokens: 4,
}
const OUTPUT = [
  { type: 'reasoning', id: 'rs_1', summary: [], content: [{ type: 'reasoning_text', text: 'Hm' }] },
  {
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: 'Hi there', annotations: [] }],
  },
  { type: 'function_call', call_id: 'c', name: 'weather', arguments: '{"city":"Rome"}' },
]
const response = (fields: object = {}) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1741290958,
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  output: [],
  usage: null,
  ...fields,
})
const [reasoning, message, call] = OUTPUT

const STREAM = [
  { type: 'response.created', response: response() },
  { type: 'response.in_progress', response: response() },
  { type: 'response.output_item.added', output_index: 0, item: { ...reasoning, content: [] } },
  { type: 'response.reasoning_text.delta', output_index: 0, delta: 'Hm' },
  { type: 'response.reasoning_text.done', output_index: 0, text: 'Hm' },
  { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'So' },
  { type: 'response.output_item.done', output_index: 0, item: reasoning },
  { type: 'response.output_item.added', output_index: 1, item: { ...message, content: [] } },
  { type: 'response.content_part.added', part: { type: 'output_text', text: '' } },
  { type: 'response.output_text.delta', output_index: 1, delta: 'Hi', logprobs: [] },
  { type: 'response.output_text.delta', output_index: 1, delta: ' there', logprobs: [] },
  { type: 'response.output_text.done', output_index: 1, text: 'Hi there' },
  { type: 'response.content_part.done', part: { type: 'output_text', text: 'Hi there' } },
  { type: 'response.output_item.added', output_index: 2, item: { ...call, arguments: '' } },
  { type: 'response.function_call_arguments.delta', delta: '{"city":"Rome"}' },
  { type: 'response.function_call_arguments.done', arguments: '{"city":"Rome"}' },
  {
    type: 'response.completed',
    response: response({ status: 'completed', output: OUTPUT, usage }),
  },
]

const SAID = [
  { kind: 'role' },
  { kind: 'other' },
  { kind: 'other' },
  { kind: 'reasoning', text: 'Hm' },
  { kind: 'other' },
  { kind: 'reasoning', text: 'So' },
  { kind: 'other' },
  { kind: 'other' },
  { kind: 'other' },
  { kind: 'text', text: 'Hi' },
  { kind: 'text', text: ' there' },
  { kind: 'other' },
  { kind: 'other' },
  { kind: 'tool', text: 'weather' },
  { kind: 'tool', text: '{"city":"Rome"}' },
  { kind: 'other' },
  { kind: 'finish', finishReason: 'completed', usage: USAGE },
]

test('a stream of named events says nothing twice', () => {
  expect(decoded(named(...STREAM))).toEqual(SAID)
})

test('the same without names', () => {
  expect(decoded(unnamed(...STREAM))).toEqual(SAID)
})

test('the same after --keep timing', () => {
  expect(redactedShape(named(...STREAM))).toEqual(shapeOf(SAID))
})

test('an answer that reached its limit', () => {
  const incomplete = {
    type: 'response.incomplete',
    response: response({ incomplete_details: { reason: 'max_output_tokens' }, usage }),
  }
  const said = [{ kind: 'finish', finishReason: 'incomplete', usage: USAGE }]
  expect(decoded(named(incomplete))).toEqual(said)
  expect(redactedShape(named(incomplete))).toEqual(shapeOf(said))
})

test('failures in mid-stream', () => {
  const failed = {
    type: 'response.failed',
    response: response({ error: { code: 'server_error', message: 'it broke' } }),
  }
  const error = { type: 'error', code: 'rate_limit', message: 'slow down', param: null }
  const expected = [
    { kind: 'error', error: 'server_error: it broke' },
    { kind: 'error', error: 'rate_limit: slow down' },
  ]
  expect(decoded(named(failed, error))).toEqual(expected)
  expect(decoded(unnamed(failed, error))).toEqual(expected)
  expect(redactedShape(unnamed(failed, error))).toEqual(shapeOf(expected))
})

test('a whole answer', () => {
  const body = JSON.stringify(response({ status: 'completed', output: OUTPUT, usage }))
  const said = [{ kind: 'text', text: 'Hi there', finishReason: 'completed', usage: USAGE }]
  expect(decoded(body, 'application/json')).toEqual(said)
  expect(redactedShape(body, 'application/json')).toEqual(shapeOf(said))
})

test('a whole answer that failed', () => {
  const body = JSON.stringify(response({ status: 'failed', error: { code: 'x', message: 'no' } }))
  expect(decoded(body, 'application/json')).toMatchObject([{ kind: 'error', error: 'x: no' }])
})

test('a stream without [DONE] is whole; one that stops before response.completed is not', async () => {
  const reads = STREAM.map((event, i): [number, string] => [20 + i, named(event)])
  const tape = await tapeOf({ reads }, { reads: reads.slice(0, -1) })
  expect(
    await tape.query('select outcome, finish_reason from requests order by request_id'),
  ).toEqual([
    { outcome: 'ok', finish_reason: 'completed' },
    { outcome: 'broken_stream', finish_reason: null },
  ])
})

test('the transcript of audio, and the usage of a failure', () => {
  expect(
    decoded(
      named(
        { type: 'response.output_audio_transcript.delta', delta: ' Hel' },
        { type: 'response.audio.transcript.delta', delta: 'lo' },
        { type: 'response.output_audio.delta', delta: 'UklGRg==' },
        {
          type: 'response.failed',
          response: {
            error: { code: 'server_error', message: 'gone' },
            usage: { input_tokens: 9, input_tokens_details: { cached_tokens: 4, audio_tokens: 2 } },
          },
        },
      ),
    ),
  ).toEqual([
    { kind: 'audio', text: ' Hel' },
    { kind: 'audio', text: 'lo' },
    { kind: 'other' },
    {
      kind: 'error',
      error: 'server_error: gone',
      usage: { prompt_tokens: 9, cached_tokens: 4, prompt_audio_tokens: 2 },
    },
  ])
})
