import { expect, test } from 'vitest'
import { type Ask, type BodyOptions, pathFor } from '../../../recorder/endpoints/endpoint.ts'
import { ENDPOINTS } from '../../../recorder/endpoints/index.ts'

const ASK: Ask = {
  model: 'm',
  system: null,
  history: [],
  texts: ['hi'],
  outputTokens: 7,
  messages: null,
  payload: null,
}
const OPTIONS: BodyOptions = { streaming: true, useLegacyMaxTokens: false, forceOsl: false }
const HISTORY = [
  { role: 'user', content: 'one' },
  { role: 'assistant', content: 'two' },
]
const CONVERSATION: Partial<Ask> = { system: 'be brief', history: HISTORY }
const SYSTEM = { role: 'system', content: 'be brief' }
const HI = { role: 'user', content: 'hi' }
const FULL = { stream: true, stream_options: { include_usage: true } }

type Case = [
  endpoint: string,
  what: string,
  body: object,
  ask?: Partial<Ask>,
  options?: Partial<BodyOptions>,
]

test.each<Case>([
  ['chat', 'a stream', { model: 'm', messages: [HI], max_completion_tokens: 7, ...FULL }],
  [
    'chat',
    'no stream, no limit',
    { model: 'm', messages: [HI], stream: false },
    { outputTokens: null },
    { streaming: false },
  ],
  [
    'chat',
    'the limit under its old name',
    { model: 'm', messages: [HI], max_tokens: 7, ...FULL },
    {},
    { useLegacyMaxTokens: true },
  ],
  [
    'chat',
    'a forced length',
    {
      model: 'm',
      messages: [HI],
      max_completion_tokens: 7,
      ignore_eos: true,
      min_tokens: 7,
      ...FULL,
    },
    {},
    { forceOsl: true },
  ],
  [
    'chat',
    'nothing to force',
    { model: 'm', messages: [HI], ...FULL },
    { outputTokens: null },
    { forceOsl: true },
  ],
  [
    'chat',
    'a conversation',
    { model: 'm', messages: [SYSTEM, ...HISTORY, HI], max_completion_tokens: 7, ...FULL },
    CONVERSATION,
  ],
  [
    'chat',
    'several texts in one turn',
    {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      ],
      max_completion_tokens: 7,
      ...FULL,
    },
    { texts: ['a', 'b'] },
  ],
  [
    'chat',
    'messages of a data set in place of history and texts',
    {
      model: 'm',
      messages: [SYSTEM, { role: 'user', content: 'x' }],
      max_completion_tokens: 7,
      ...FULL,
    },
    { ...CONVERSATION, messages: [{ role: 'user', content: 'x' }] },
  ],
  ['completions', 'a stream', { model: 'm', prompt: 'hi', max_tokens: 7, ...FULL }],
  [
    'completions',
    'a batch, forced, without a stream',
    {
      model: 'm',
      prompt: ['a', 'b'],
      max_tokens: 7,
      ignore_eos: true,
      min_tokens: 7,
      stream: false,
    },
    { texts: ['a', 'b'] },
    { streaming: false, forceOsl: true },
  ],
  [
    'completions',
    'a conversation as one text',
    { model: 'm', prompt: 'be briefonetwohi', max_tokens: 7, ...FULL },
    CONVERSATION,
  ],
  ['responses', 'a stream', { model: 'm', input: 'hi', max_output_tokens: 7, stream: true }],
  [
    'responses',
    'a conversation, forced',
    {
      model: 'm',
      input: [...HISTORY, HI],
      instructions: 'be brief',
      max_output_tokens: 7,
      ignore_eos: true,
      stream: false,
    },
    CONVERSATION,
    { streaming: false, forceOsl: true },
  ],
  [
    'responses',
    'several texts in one turn',
    {
      model: 'm',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'a' },
            { type: 'input_text', text: 'b' },
          ],
        },
      ],
      max_output_tokens: 7,
      stream: true,
    },
    { texts: ['a', 'b'] },
  ],
  ['messages', 'a stream', { model: 'm', max_tokens: 7, messages: [HI], stream: true }],
  [
    'messages',
    'no limit, which it must have',
    { model: 'm', max_tokens: 1024, messages: [HI], stream: false },
    { outputTokens: null },
    { streaming: false, forceOsl: true },
  ],
  [
    'messages',
    'a conversation',
    { model: 'm', max_tokens: 7, system: 'be brief', messages: [...HISTORY, HI], stream: true },
    CONVERSATION,
  ],
  [
    'messages',
    'a system message of a data set',
    { model: 'm', max_tokens: 7, system: 'be brief', messages: [HI], stream: true },
    { messages: [SYSTEM, HI] },
  ],
  ['embeddings', 'a batch', { model: 'm', input: ['a', 'b'] }, { texts: ['a', 'b'] }],
  [
    'nim_rankings',
    'a query and passages',
    { model: 'm', query: { text: 'q' }, passages: [{ text: 'a' }, { text: 'b' }] },
    { texts: ['q', 'a', 'b'] },
  ],
  [
    'cohere_rankings',
    'a query and passages',
    { model: 'm', query: 'q', documents: ['a', 'b'] },
    { texts: ['q', 'a', 'b'] },
  ],
  [
    'hf_tei_rankings',
    'a query and passages',
    { query: 'q', texts: ['a', 'b'] },
    { texts: ['q', 'a', 'b'] },
  ],
  [
    'huggingface_generate',
    'a prompt',
    { inputs: 'hi', parameters: { max_new_tokens: 7, details: true } },
  ],
  ['raw', 'a payload', { a: [1] }, { payload: { a: [1] }, texts: [] }],
])('%s: %s', (name, _what, body, ask = {}, options = {}) => {
  expect(ENDPOINTS[name]!.body({ ...ASK, ...ask }, { ...OPTIONS, ...options })).toEqual(body)
})

test('paths, and which of them stream', () => {
  const paths = Object.entries(ENDPOINTS).map(([name, endpoint]) => [
    name,
    pathFor(endpoint, false),
    endpoint.streams ? pathFor(endpoint, true) : null,
  ])
  expect(paths).toEqual([
    ['chat', '/v1/chat/completions', '/v1/chat/completions'],
    ['completions', '/v1/completions', '/v1/completions'],
    ['responses', '/v1/responses', '/v1/responses'],
    ['messages', '/v1/messages', '/v1/messages'],
    ['embeddings', '/v1/embeddings', null],
    ['nim_rankings', '/v1/ranking', null],
    ['cohere_rankings', '/v2/rerank', null],
    ['hf_tei_rankings', '/rerank', null],
    ['huggingface_generate', '/generate', '/generate_stream'],
    ['raw', '', ''],
    ['template', '', ''],
  ])
})

test('only Anthropic asks for headers of its own', () => {
  expect(ENDPOINTS['messages']).toMatchObject({
    headers: { 'anthropic-version': '2023-06-01' },
    keyHeader: 'x-api-key',
  })
  const others = Object.entries(ENDPOINTS).filter(([name]) => name !== 'messages')
  for (const [, endpoint] of others) {
    expect(endpoint.headers).toBeUndefined()
    expect(endpoint.keyHeader).toBeUndefined()
  }
})
