import { expect, test } from 'vitest'
import { bodyError, type Facts, factsOf } from '../../../analyzer/decode/content.ts'

const chat = (delta: object, more: object = {}): string =>
  JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }], ...more })
const part = (channel: 'text' | 'reasoning' | 'tool' | 'audio', text: string, choice = 0) => ({
  channel,
  choice,
  text,
})

test.each<[name: string, data: string, facts: Partial<Facts>]>([
  [
    'llama.cpp begins with null content',
    chat({ role: 'assistant', content: null }),
    { kind: 'role', parts: [] },
  ],
  [
    'vLLM begins with empty content',
    chat({ role: 'assistant', content: '' }),
    { kind: 'role', parts: [] },
  ],
  ['text', chat({ content: ' a' }), { kind: 'text', parts: [part('text', ' a')], choice: 0 }],
  [
    'role and text at once',
    chat({ role: 'assistant', content: 'a' }),
    { kind: 'text', parts: [part('text', 'a')] },
  ],
  [
    'a list of content parts',
    chat({ content: [{ type: 'text', text: 'a' }, { text: 'b' }] }),
    { parts: [part('text', 'ab')] },
  ],
  ['a refusal', chat({ refusal: 'no' }), { kind: 'text', parts: [part('text', 'no')] }],
  ['an empty delta', chat({}), { kind: 'other', parts: [] }],
  [
    'reasoning_content',
    chat({ reasoning_content: 'hm' }),
    { kind: 'reasoning', parts: [part('reasoning', 'hm')] },
  ],
  [
    'reasoning',
    chat({ reasoning: 'hm', content: null }),
    { kind: 'reasoning', parts: [part('reasoning', 'hm')] },
  ],
  [
    'reasoning and text at once',
    chat({ content: 'a', reasoning: 'hm' }),
    { kind: 'text', parts: [part('text', 'a'), part('reasoning', 'hm')] },
  ],
  [
    'a tool call',
    chat({ content: null, tool_calls: [{ index: 0, function: { name: 'f', arguments: '{"x"' } }] }),
    { kind: 'tool', parts: [part('tool', 'f{"x"')] },
  ],
  [
    'a function call of old',
    chat({ function_call: { name: 'f' } }),
    { kind: 'tool', parts: [part('tool', 'f')] },
  ],
  [
    'a finish',
    '{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}',
    { kind: 'finish', finishReason: 'length' },
  ],
  [
    'mock-llm finishes on its last content',
    '{"choices":[{"index":0,"delta":{"content":"z"},"finish_reason":"stop"}]}',
    { kind: 'text', parts: [part('text', 'z')], finishReason: 'stop' },
  ],
  [
    'usage without choices',
    '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}}',
    {
      kind: 'usage',
      usage: { prompt_tokens: 3, completion_tokens: 4, reasoning_tokens: 1, cached_tokens: 2 },
    },
  ],
  ['usage: null on every chunk', chat({ content: 'a' }, { usage: null }), { kind: 'text' }],
  [
    'continuous usage',
    chat({ content: 'a' }, { usage: { prompt_tokens: 3, completion_tokens: 1 } }),
    { kind: 'text', usage: { prompt_tokens: 3, completion_tokens: 1 } },
  ],
  [
    'a completion',
    '{"choices":[{"text":"a","index":1,"finish_reason":null}]}',
    { kind: 'text', parts: [part('text', 'a', 1)], choice: 1 },
  ],
  [
    'llama.cpp ends a completion with all at once',
    '{"choices":[{"text":"","index":0,"finish_reason":"stop"}],"usage":{"completion_tokens":9}}',
    { kind: 'finish', parts: [], finishReason: 'stop', usage: { completion_tokens: 9 } },
  ],
  [
    'a control token in mid-stream',
    '{"choices":[{"text":"","index":0,"finish_reason":null}]}',
    { kind: 'other', parts: [] },
  ],
  ['[DONE]', '[DONE]', { kind: 'done' }],
  ['[DONE] with spaces', ' [DONE] ', { kind: 'done' }],
  ['llama.cpp once wrote null', 'null', { kind: 'other', parts: [] }],
  ['no JSON', 'hello', { kind: 'other', parts: [], undecoded: 'hello' }],
  ['words as JSON', '"hello"', { kind: 'other', parts: [], undecoded: 'hello' }],
  ['JSON cut off', '{"choices":[', { kind: 'other', parts: [], undecoded: '{"choices":[' }],
  [
    "Mistral's thinking",
    chat({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }),
    { kind: 'reasoning', parts: [part('reasoning', 'Hm')] },
  ],
  [
    "Mistral's thinking and text at once",
    chat({
      content: [
        {
          type: 'thinking',
          thinking: [
            { type: 'text', text: 'H' },
            { type: 'text', text: 'm' },
          ],
        },
        { type: 'text', text: 'So' },
        { type: 'reference', reference_ids: [1] },
      ],
    }),
    { kind: 'text', parts: [part('text', 'So'), part('reasoning', 'Hm')] },
  ],
  [
    'reasoning_details alone',
    chat({
      content: '',
      reasoning_details: [
        { type: 'reasoning.text', text: 'H', signature: null, format: 'anthropic-claude-v1' },
        { type: 'reasoning.summary', summary: 'm' },
      ],
    }),
    { kind: 'reasoning', parts: [part('reasoning', 'Hm')] },
  ],
  [
    'reasoning_details beside reasoning say it once',
    chat({
      content: '',
      reasoning: 'Hm',
      reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }],
    }),
    { kind: 'reasoning', parts: [part('reasoning', 'Hm')] },
  ],
  [
    'reasoning that is encrypted says nothing',
    chat({ content: '', reasoning_details: [{ type: 'reasoning.encrypted', data: 'gAAA' }] }),
    { kind: 'other', parts: [] },
  ],
  [
    'the transcript of audio',
    chat({ audio: { id: 'audio_1', transcript: 'Hel' } }),
    { kind: 'audio', parts: [part('audio', 'Hel')] },
  ],
  ['audio without words', chat({ audio: { data: 'UklGRg==' } }), { kind: 'other', parts: [] }],
  [
    'a custom tool',
    chat({ tool_calls: [{ index: 0, type: 'custom', custom: { name: 'sh', input: 'ls' } }] }),
    { kind: 'tool', parts: [part('tool', 'shls')] },
  ],
  [
    'a refusal among content parts',
    chat({ content: [{ type: 'refusal', refusal: 'no' }] }),
    { kind: 'text', parts: [part('text', 'no')] },
  ],
  [
    'OpenRouter ends a choice with its error',
    '{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":502,"message":"gone"}}]}',
    { kind: 'error', error: '502: gone', finishReason: 'error' },
  ],
  [
    "usage of audio, tools and predictions: OpenAI's",
    JSON.stringify({
      choices: [],
      usage: {
        prompt_tokens: 30,
        completion_tokens: 20,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 7 },
        completion_tokens_details: {
          reasoning_tokens: 0,
          audio_tokens: 6,
          accepted_prediction_tokens: 5,
          rejected_prediction_tokens: 4,
        },
        toolUsePromptTokenCount: 3,
        prompt_audio_seconds: 1.5,
      },
    }),
    {
      kind: 'usage',
      usage: {
        prompt_tokens: 30,
        completion_tokens: 20,
        reasoning_tokens: 0,
        cached_tokens: 0,
        prompt_audio_tokens: 7,
        prompt_audio_ms: 1500,
        tool_use_prompt_tokens: 3,
        completion_audio_tokens: 6,
        accepted_prediction_tokens: 5,
        rejected_prediction_tokens: 4,
      },
    },
  ],
  [
    "cache writes: OpenRouter's",
    '{"choices":[],"usage":{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":2,"cache_write_tokens":5}}}',
    { kind: 'usage', usage: { prompt_tokens: 9, cached_tokens: 2, cache_write_tokens: 5 } },
  ],
  [
    "DeepSeek's cache",
    '{"choices":[],"usage":{"prompt_tokens":9,"prompt_cache_hit_tokens":2,"prompt_cache_miss_tokens":7}}',
    { kind: 'usage', usage: { prompt_tokens: 9, cached_tokens: 2 } },
  ],
  [
    'only what the cache had not',
    '{"choices":[],"usage":{"prompt_tokens":9,"prompt_cache_miss_tokens":7}}',
    { kind: 'usage', usage: { prompt_tokens: 9, cached_tokens: 2 } },
  ],
  [
    "Groq's usage",
    '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":9}}}',
    { kind: 'finish', usage: { prompt_tokens: 9 } },
  ],
  [
    "Kimi's usage",
    '{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":9}}]}',
    { kind: 'finish', usage: { prompt_tokens: 9 } },
  ],
  ['choices that are none', '{"choices":[null,7]}', { kind: 'other', parts: [] }],
  ['choices that are no list', '{"choices":{"0":1}}', { kind: 'other', parts: [] }],
  [
    'an error in mid-stream',
    '{"error":{"code":500,"message":"Context size has been exceeded.","type":"server_error"}}',
    { kind: 'error', error: '500 server_error: Context size has been exceeded.' },
  ],
  ['an error as a text', '{"error":"out of memory"}', { kind: 'error', error: 'out of memory' }],
  [
    'an error of older vLLM',
    '{"object":"error","message":"too long","type":"BadRequestError","code":400}',
    { kind: 'error', error: '400 BadRequestError: too long' },
  ],
  ['error: null', chat({ content: 'a' }, { error: null }), { kind: 'text' }],
  [
    'a whole answer',
    '{"choices":[{"index":0,"message":{"role":"assistant","content":"hi","reasoning_content":"hm"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
    {
      kind: 'text',
      parts: [part('text', 'hi'), part('reasoning', 'hm')],
      finishReason: 'stop',
      usage: { prompt_tokens: 1, completion_tokens: 2 },
    },
  ],
  [
    'counts that are none',
    '{"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":"2"}}',
    { kind: 'other' },
  ],
])('%s', (_name, data, facts) => {
  expect(factsOf(data, '')).toMatchObject(facts)
})

test('the event named error and the event named ping', () => {
  expect(factsOf('{"message":"overloaded"}', 'error')).toMatchObject({
    kind: 'error',
    error: 'overloaded',
  })
  expect(factsOf('it broke', 'error')).toMatchObject({ kind: 'error', error: 'it broke' })
  expect(factsOf('{}', 'ping')).toMatchObject({ kind: 'ping' })
  expect(factsOf('17:03', 'heartbeat')).toEqual({ kind: 'ping', parts: [] })
})

test.each([
  ['{"error":{"message":"slow down","type":"rate_limit"}}', 'rate_limit: slow down'],
  ['{"detail":"Not Found"}', 'Not Found'],
  ['{"message":"Unauthorized"}', 'Unauthorized'],
  ['<html>', undefined],
])('the body of a failed request: %s', (body, error) => {
  expect(bodyError(body)).toBe(error)
})
