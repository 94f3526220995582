import { expect, test } from 'vitest'
import { decoded, named, redactedShape, shapeOf, unnamed } from '../../../support/decoded.ts'
import { tapeOf } from '../../../support/tape.ts'

const delta = (index: number, fields: object) => ({
  type: 'content_block_delta',
  index,
  delta: fields,
})

const STREAM = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      content: [],
      model: 'm',
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: 25,
        cache_creation_input_tokens: 3,
        cache_read_input_tokens: 100,
        output_tokens: 1,
      },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
  { type: 'ping' },
  delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
  delta(0, { type: 'signature_delta', signature: 'EqQBCgIYAhIM' }),
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
  delta(1, { type: 'text_delta', text: 'Hello' }),
  delta(1, { type: 'text_delta', text: ' there' }),
  { type: 'content_block_stop', index: 1 },
  {
    type: 'content_block_start',
    index: 2,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
  },
  delta(2, { type: 'input_json_delta', partial_json: '' }),
  delta(2, { type: 'input_json_delta', partial_json: '{"city": "Rome"}' }),
  { type: 'content_block_stop', index: 2 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'max_tokens', stop_sequence: null },
    usage: { output_tokens: 15 },
  },
  { type: 'message_stop' },
]

const SAID = [
  {
    kind: 'role',
    usage: { prompt_tokens: 128, cached_tokens: 100, cache_write_tokens: 3, completion_tokens: 1 },
  },
  { kind: 'other' },
  { kind: 'ping' },
  { kind: 'reasoning', text: 'Hm' },
  { kind: 'other' },
  { kind: 'other' },
  { kind: 'other' },
  { kind: 'text', text: 'Hello' },
  { kind: 'text', text: ' there' },
  { kind: 'other' },
  { kind: 'tool', text: 'weather' },
  { kind: 'other' },
  { kind: 'tool', text: '{"city": "Rome"}' },
  { kind: 'other' },
  { kind: 'finish', finishReason: 'max_tokens', usage: { completion_tokens: 15 } },
  { kind: 'done' },
]

test('a stream of named events', () => {
  expect(decoded(named(...STREAM))).toEqual(SAID)
})

test('the same without names', () => {
  expect(decoded(unnamed(...STREAM))).toEqual(SAID)
})

test('the same after --keep timing', () => {
  expect(redactedShape(named(...STREAM))).toEqual(shapeOf(SAID))
})

test('an error in mid-stream', () => {
  const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
  expect(decoded(named(error))).toEqual([{ kind: 'error', error: 'overloaded_error: Overloaded' }])
})

test('a whole answer', () => {
  const body = JSON.stringify({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'Hm' },
      { type: 'text', text: 'Hello' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' } },
    ],
    stop_reason: 'end_turn',
    usage: { input_tokens: 25, output_tokens: 15 },
  })
  const said = [
    {
      kind: 'text',
      text: 'Hello',
      finishReason: 'end_turn',
      usage: { prompt_tokens: 25, completion_tokens: 15 },
    },
  ]
  expect(decoded(body, 'application/json')).toEqual(said)
  expect(redactedShape(body, 'application/json')).toEqual(shapeOf(said))
})

test('a stream without [DONE] is whole, and its first token is the first that says something', async () => {
  const tape = await tapeOf({
    sent: 10,
    reads: STREAM.map((event, i): [number, string] => [20 + i, named(event)]),
  })
  expect(
    await tape.query(`
      select outcome, first_content_ns / 1e6 as first_ms, first_output_ns / 1e6 as output_ms, n_chunks,
        input_tokens_source, usage_prompt_tokens, usage_completion_tokens, finish_reason
      from requests`),
  ).toEqual([
    {
      outcome: 'ok',
      first_ms: 23,
      output_ms: 27,
      n_chunks: 5,
      input_tokens_source: 'tokenizer',
      usage_prompt_tokens: 128,
      usage_completion_tokens: 15,
      finish_reason: 'max_tokens',
    },
  ])
})

test('what it wrote into its cache, and its own tools', () => {
  const stream = [
    {
      type: 'message_start',
      message: {
        usage: {
          input_tokens: 3,
          cache_creation_input_tokens: 100,
          cache_read_input_tokens: 20,
          output_tokens: 1,
        },
      },
    },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: {
        output_tokens: 15,
        server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
      },
    },
  ]
  const said = [
    {
      kind: 'role',
      usage: {
        prompt_tokens: 123,
        completion_tokens: 1,
        cached_tokens: 20,
        cache_write_tokens: 100,
      },
    },
    {
      kind: 'finish',
      finishReason: 'end_turn',
      usage: { completion_tokens: 15, server_tool_requests: 3 },
    },
  ]
  expect(decoded(named(...stream))).toEqual(said)
  expect(redactedShape(named(...stream))).toEqual(shapeOf(decoded(named(...stream))))
})
