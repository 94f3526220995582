import { expect, test } from 'vitest'
import {
  chatChunk,
  DONE,
  openLiteral,
  type RequestLiteral,
  tapeOf,
  usageChunk,
} from '../support/tape.ts'

const JSON_HEADERS = { 'content-type': 'application/json' }
const text = chatChunk({ content: ' a' })
const errorEvent =
  'data: {"error":{"code":500,"message":"context is full","type":"server_error"}}\n\n'

test.each<[name: string, request: RequestLiteral, outcome: string, detail: string | null]>([
  ['a stream with finish and [DONE]', { tokens: [10] }, 'ok', null],
  [
    'a finish without [DONE]',
    {
      reads: [
        [10, text],
        [20, chatChunk({}, 'stop')],
      ],
    },
    'ok',
    null,
  ],
  ['[DONE] without a finish', { reads: [[10, text + DONE]] }, 'ok', null],
  [
    'a stream that just ends',
    { reads: [[10, text]] },
    'broken_stream',
    'the answer ended without [DONE] or a finish_reason',
  ],
  [
    'an empty answer',
    { reads: [] },
    'broken_stream',
    'the answer ended without [DONE] or a finish_reason',
  ],
  [
    'a reset in mid-stream',
    { reads: [[10, text]], outcome: 'broken_stream', detail: 'ECONNRESET' },
    'broken_stream',
    'ECONNRESET',
  ],
  ['a reset after [DONE]', { reads: [[10, text + DONE]], outcome: 'broken_stream' }, 'ok', null],
  [
    'an error in mid-stream',
    {
      reads: [
        [10, text],
        [20, errorEvent],
      ],
    },
    'stream_error',
    '500 server_error: context is full',
  ],
  [
    'an error, then [DONE]',
    {
      reads: [
        [10, text],
        [20, errorEvent + DONE],
      ],
    },
    'stream_error',
    '500 server_error: context is full',
  ],
  [
    'HTML where a stream was asked for',
    { reads: [[10, '<html>']], responseHeaders: { 'content-type': 'text/html' } },
    'not_a_stream',
    'text/html: <html>',
  ],
  [
    'a whole answer where a stream was asked for',
    {
      reads: [[10, '{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}']],
      responseHeaders: JSON_HEADERS,
    },
    'not_a_stream',
    'a whole JSON body where a stream was asked for',
  ],
  [
    'a refusal with a reason',
    {
      status: 429,
      reads: [[10, '{"error":{"message":"slow down"}}']],
      responseHeaders: JSON_HEADERS,
    },
    'http_error',
    'HTTP 429: slow down',
  ],
  [
    'a refusal in HTML',
    { status: 502, reads: [[10, '<h1>']], responseHeaders: { 'content-type': 'text/html' } },
    'http_error',
    'HTTP 502: text/html: <h1>',
  ],
  ['a refusal without a body', { status: 503, reads: [] }, 'http_error', 'HTTP 503'],
  [
    'a refusal that breaks off',
    { status: 500, reads: [[10, '{']], outcome: 'broken_stream' },
    'http_error',
    'HTTP 500',
  ],
  [
    'a time-out before headers',
    { outcome: 'timeout', detail: 'no answer within 5 s' },
    'timeout',
    'no answer within 5 s',
  ],
  ['a time-out in mid-stream', { tokens: [10], outcome: 'timeout' }, 'timeout', 'as told'],
  [
    'nobody listens',
    { outcome: 'connect_error', detail: 'ECONNREFUSED' },
    'connect_error',
    'ECONNREFUSED',
  ],
  ['no such host', { outcome: 'dns_error' }, 'connect_error', 'as told'],
  ['a certificate', { outcome: 'tls_error' }, 'connect_error', 'as told'],
  [
    'a fault of the client before headers',
    { outcome: 'client_error', detail: 'x' },
    'broken_stream',
    'client_error: x',
  ],
  [
    'a fault of the client in mid-stream',
    { reads: [[10, text]], outcome: 'client_error', detail: 'x' },
    'broken_stream',
    'client_error: x',
  ],
  ['a reset before headers', { outcome: 'broken_stream' }, 'broken_stream', 'as told'],
  ['a cancelled request', { tokens: [10], outcome: 'cancelled' }, 'cancelled', 'as told'],
  [
    'a request cut off by a crash',
    { tokens: [10], outcome: 'unfinished' },
    'unfinished',
    'the tape ends before the answer does',
  ],
])('%s', async (_name, request, outcome, detail) => {
  const tape = await tapeOf(request)
  expect(await tape.query('select outcome, detail from requests')).toEqual([{ outcome, detail }])
})

test('a whole answer that was asked for', async () => {
  const answers = [
    '{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
    '{"unexpected":true}',
    '{"error":"out of memory"}',
    '<html>',
  ]
  const tape = await openLiteral(
    answers.map(body => ({ reads: [[10, body]], responseHeaders: JSON_HEADERS })),
    { manifest: { endpoint: { type: 'chat', streaming: false, urls: [], model: 'm' } } },
  )
  expect(await tape.query('select outcome from requests order by request_id')).toEqual([
    { outcome: 'ok' },
    { outcome: 'not_a_stream' },
    { outcome: 'stream_error' },
    { outcome: 'not_a_stream' },
  ])
})

test('every instant has its column', async () => {
  const tape = await tapeOf({
    scheduled: 1,
    dequeued: 2,
    sent: 3,
    headers: 4,
    reads: [
      [5, chatChunk({ role: 'assistant' })],
      [6, chatChunk({ reasoning: 'hm' })],
      [7, chatChunk({ content: ' a' })],
      [8, chatChunk({ content: ' b' })],
      [9, chatChunk({}, 'stop') + DONE],
    ],
    end: 10,
  })
  const instants = [
    'scheduled',
    'dequeued',
    'sent',
    'headers',
    'first_content',
    'second_content',
    'first_output',
    'last_content',
    'end',
  ]
  const columns = instants.map(name => `${name}_ns / 1e6 as "${name}"`).join(', ')
  expect(await tape.query(`select ${columns} from requests`)).toEqual([
    {
      scheduled: 1,
      dequeued: 2,
      sent: 3,
      headers: 4,
      first_content: 6,
      second_content: 7,
      first_output: 7,
      last_content: 8,
      end: 10,
    },
  ])
  expect(
    await tape.query('select n_chunks, n_messages, n_reads, finish_reason, streamed from requests'),
  ).toEqual([{ n_chunks: 3, n_messages: 6, n_reads: 5, finish_reason: 'stop', streamed: true }])
})

test('usage is taken once: the last of many, or the sum over choices', async () => {
  const choice = (index: number, finish: string | null, usage?: object): string =>
    `data: ${JSON.stringify({ choices: [{ index, delta: finish ? {} : { content: ' a' }, finish_reason: finish }], usage })}\n\n`
  const counts = (n: number): object => ({ prompt_tokens: 5, completion_tokens: n })
  const tape = await tapeOf(
    {
      reads: [
        [
          10,
          choice(0, null, counts(1)) +
            choice(0, null, counts(2)) +
            choice(0, 'stop') +
            usageChunk(counts(3)) +
            DONE,
        ],
      ],
    },
    { reads: [[10, choice(0, null) + choice(0, 'stop', counts(4)) + DONE]] },
    {
      reads: [
        [
          10,
          choice(1, null) +
            choice(0, null) +
            choice(1, 'stop') +
            choice(0, 'stop') +
            usageChunk(counts(6)) +
            usageChunk(counts(1)) +
            DONE,
        ],
      ],
    },
    {
      reads: [
        [
          10,
          choice(1, null) +
            choice(0, null) +
            choice(1, 'stop') +
            choice(0, 'stop') +
            usageChunk(counts(8)) +
            DONE,
        ],
      ],
    },
  )
  expect(
    await tape.query(
      'select usage_prompt_tokens as prompt, usage_completion_tokens as completion from requests order by request_id',
    ),
  ).toEqual([
    { prompt: 5, completion: 3 },
    { prompt: 5, completion: 4 },
    { prompt: 5, completion: 7 },
    { prompt: 5, completion: 8 },
  ])
})
