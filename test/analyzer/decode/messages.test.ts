import { brotliCompressSync, constants, createGzip, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decoded, redactedShape, shapeOf } from '../../support/decoded.ts'
import { random, splits } from '../../support/random.ts'
import {
  chatChunk,
  DONE,
  openLiteral,
  type RequestLiteral,
  tapeOf,
  usageChunk,
} from '../../support/tape.ts'

const STREAM = { 'content-type': 'text/event-stream' }

async function messagesOf(request: RequestLiteral, columns: string) {
  const tape = await tapeOf(request)
  return tape.query(`select ${columns} from messages order by request_id, message_index`)
}

test('messages of one read share its instant and say so', async () => {
  const both = chatChunk({ role: 'assistant', content: null }) + chatChunk({ content: ' a' })
  expect(
    await messagesOf(
      {
        reads: [
          [10, both],
          [20, chatChunk({ content: ' b' })],
          [30, chatChunk({}, 'stop') + DONE],
        ],
      },
      'message_index, read_seq, messages_in_read, at_ns / 1e6 as ms, kind, content_index, gap_ns / 1e6 as gap_ms',
    ),
  ).toEqual([
    {
      message_index: 0,
      read_seq: 0,
      messages_in_read: 2,
      ms: 10,
      kind: 'role',
      content_index: null,
      gap_ms: null,
    },
    {
      message_index: 1,
      read_seq: 0,
      messages_in_read: 2,
      ms: 10,
      kind: 'text',
      content_index: 0,
      gap_ms: null,
    },
    {
      message_index: 2,
      read_seq: 1,
      messages_in_read: 1,
      ms: 20,
      kind: 'text',
      content_index: 1,
      gap_ms: 10,
    },
    {
      message_index: 3,
      read_seq: 2,
      messages_in_read: 2,
      ms: 30,
      kind: 'finish',
      content_index: null,
      gap_ms: null,
    },
    {
      message_index: 4,
      read_seq: 2,
      messages_in_read: 2,
      ms: 30,
      kind: 'done',
      content_index: null,
      gap_ms: null,
    },
  ])
})

test('a message split over reads arrives with the read that completes it', async () => {
  const bytes = Buffer.from(chatChunk({ content: ' é' }))
  const middle = bytes.indexOf(0xc3) + 1 // within the two bytes of é
  expect(
    await messagesOf(
      {
        reads: [
          [10, bytes.subarray(0, middle)],
          [20, bytes.subarray(middle)],
          [30, DONE],
        ],
      },
      'read_seq, at_ns / 1e6 as ms, kind, text, text_bytes',
    ),
  ).toEqual([
    { read_seq: 1, ms: 20, kind: 'text', text: ' é', text_bytes: 3 },
    { read_seq: 2, ms: 30, kind: 'done', text: null, text_bytes: null },
  ])
})

test('halves of a surrogate pair are joined in the message that completes it', async () => {
  const half = (written: string): string => chatChunk({ content: '@' }).replace('@', written)
  expect(
    await messagesOf(
      {
        reads: [
          [10, half('a\\ud83e')],
          [20, half('\\udd99b')],
          [30, half('\\ud83e')],
          [40, DONE],
        ],
      },
      'kind, text, tokens',
    ),
  ).toEqual([
    { kind: 'text', text: 'a', tokens: 1 },
    { kind: 'text', text: '🦙b', tokens: 3 }, // for the tokenizer of the tests, each half is one
    { kind: 'text', text: '\ufffd', tokens: 1 },
    { kind: 'done', text: null, tokens: null },
  ])
})

test('text and reasoning in one message keep both', async () => {
  expect(
    await messagesOf(
      {
        reads: [
          [10, chatChunk({ content: ' a', reasoning: ' b c' })],
          [20, DONE],
        ],
      },
      'kind, text, other_text, text_bytes, tokens',
    ),
  ).toEqual([
    { kind: 'text', text: ' a', other_text: ' b c', text_bytes: 6, tokens: 3 },
    { kind: 'done', text: null, other_text: null, text_bytes: null, tokens: null },
  ])
})

test('text, finish and usage in one message keep all', async () => {
  const last = `data: ${JSON.stringify({
    choices: [{ index: 0, text: 'z', finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 1 },
  })}\n\n`
  expect(
    await messagesOf(
      { reads: [[10, last]] },
      'kind, text, finish_reason, prompt_tokens, completion_tokens',
    ),
  ).toEqual([
    { kind: 'text', text: 'z', finish_reason: 'stop', prompt_tokens: 3, completion_tokens: 1 },
  ])
})

test('each choice is a text of its own', async () => {
  const chunk = (index: number, content: string): string =>
    `data: {"choices":[{"index":${index},"delta":{"content":"${content}"}}]}\n\n`
  expect(
    await messagesOf(
      {
        reads: [
          [10, chunk(1, ' hel')],
          [20, chunk(0, ' wor')],
          [30, chunk(1, 'lo')],
          [40, chunk(0, 'ld') + DONE],
        ],
      },
      'choice, text, tokens',
    ),
  ).toEqual([
    { choice: 1, text: ' hel', tokens: 0 },
    { choice: 0, text: ' wor', tokens: 0 },
    { choice: 1, text: 'lo', tokens: 1 },
    { choice: 0, text: 'ld', tokens: 1 },
    { choice: null, text: null, tokens: null },
  ])
})

test('a whole JSON answer is one message, with the read that completed it', async () => {
  const body = JSON.stringify({
    choices: [
      { index: 0, message: { role: 'assistant', content: ' hello world' }, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 3, completion_tokens: 2 },
  })
  expect(
    await messagesOf(
      {
        reads: [
          [10, body.slice(0, 40)],
          [25, body.slice(40)],
        ],
        responseHeaders: { 'content-type': 'application/json; charset=utf-8' },
      },
      'framing, read_seq, at_ns / 1e6 as ms, kind, text, tokens, completion_tokens',
    ),
  ).toEqual([
    {
      framing: 'json',
      read_seq: 1,
      ms: 25,
      kind: 'text',
      text: ' hello world',
      tokens: 2,
      completion_tokens: 2,
    },
  ])
})

test.each([
  [
    'HTML',
    '<html>Bad gateway</html>',
    { 'content-type': 'text/html' },
    'text/html: <html>Bad gateway</html>',
  ],
  ['HTML that calls itself a stream', '<html>', STREAM, 'text/event-stream: <html>'],
  ['a plain text', 'no', {}, 'no content-type: no'],
])('%s is a body that is no answer', async (_name, body, responseHeaders, error) => {
  expect(
    await messagesOf({ reads: [[10, body]], responseHeaders }, 'framing, kind, error'),
  ).toEqual([{ framing: 'body', kind: 'other', error }])
})

test('events are read as such without a content-type', async () => {
  expect(
    await messagesOf(
      { reads: [[10, chatChunk({ content: 'a' }) + DONE]], responseHeaders: {} },
      'framing, kind',
    ),
  ).toEqual([
    { framing: 'sse', kind: 'text' },
    { framing: 'sse', kind: 'done' },
  ])
})

test('packed streams are unpacked read by read', async () => {
  const pieces = [chatChunk({ content: ' a' }), chatChunk({ content: ' b' }), DONE]
  // As a server flushes its stream: one packed piece a message.
  const gzip = createGzip()
  const flushed = async (text: string): Promise<Buffer> => {
    gzip.write(text)
    await new Promise<void>(resolve => gzip.flush(constants.Z_SYNC_FLUSH, resolve))
    return gzip.read()
  }
  const reads: [number, Buffer][] = []
  for (const [i, text] of pieces.entries()) reads.push([10 * (i + 1), await flushed(text)])
  expect(
    await messagesOf(
      { reads, responseHeaders: { ...STREAM, 'content-encoding': 'gzip' } },
      'read_seq, at_ns / 1e6 as ms, text',
    ),
  ).toEqual([
    { read_seq: 0, ms: 10, text: ' a' },
    { read_seq: 1, ms: 20, text: ' b' },
    { read_seq: 2, ms: 30, text: null },
  ])
})

test('brotli, an unknown encoding and damaged bytes', async () => {
  const body = chatChunk({ content: ' a' }) + DONE
  const tape = await tapeOf(
    {
      reads: [[10, brotliCompressSync(body)]],
      responseHeaders: { ...STREAM, 'content-encoding': 'br' },
    },
    { reads: [[10, body]], responseHeaders: { ...STREAM, 'content-encoding': 'zstd' } },
    {
      reads: [
        [10, gzipSync(body).subarray(0, 12)],
        [20, '############'],
        [30, 'more'],
      ],
      responseHeaders: { ...STREAM, 'content-encoding': 'gzip' },
    },
  )
  expect(
    await tape.query(
      'select request_id, kind, error from messages order by request_id, message_index',
    ),
  ).toMatchObject([
    { request_id: 0, kind: 'text', error: null },
    { request_id: 0, kind: 'done', error: null },
    {
      request_id: 1,
      kind: 'error',
      error: 'cannot decode the body: content-encoding zstd is not one of gzip, deflate, br',
    },
    { request_id: 2, kind: 'error', error: expect.stringContaining('cannot decode the body') },
  ])
  expect(await tape.query('select outcome from requests order by request_id')).toEqual([
    { outcome: 'ok' },
    { outcome: 'stream_error' },
    { outcome: 'stream_error' },
  ])
})

test('without a tokenizer no token is counted', async () => {
  const tape = await openLiteral([{ tokens: [10, 20] }], {}, { tokenizerOf: () => undefined })
  expect(await tape.query('select distinct tokens from messages')).toEqual([{ tokens: null }])
})

// The short cut for messages that differ only in their text must never say anything else than parsing does.
test('streams of any content give back that content, in any split', async () => {
  const next = random(11)
  const alphabet = [
    'a',
    ' the',
    '"',
    '\\',
    '\n',
    '\t',
    'é',
    '🦙',
    '漢',
    ',"content":"',
    '{"content":"x"}',
    '\u0000',
    '/',
    "'",
  ]
  const pick = <T>(of: T[]): T => of[Math.floor(next() * of.length)]!
  const texts: string[][] = []
  const requests = Array.from({ length: 60 }, (_, id): RequestLiteral => {
    const said = Array.from({ length: 1 + Math.floor(next() * 30) }, () =>
      Array.from({ length: 1 + Math.floor(next() * 3) }, () => pick(alphabet)).join(''),
    )
    texts.push(said)
    const spaced = id % 3 === 0
    const chunks = said.map(content => {
      const json = JSON.stringify({
        id: `c${id}`,
        choices: [{ index: 0, delta: { content }, finish_reason: null }],
      })
      return `data: ${spaced ? json.replace('"content":', '"content": ') : json}\n\n`
    })
    const pieces =
      id % 2 === 0
        ? chunks.map(chunk => Buffer.from(chunk))
        : splits(Buffer.from(chunks.join('')), next)
    return {
      reads: [...pieces, Buffer.from(DONE)].map((bytes, i): [number, Uint8Array] => [i + 1, bytes]),
    }
  })
  const tape = await tapeOf(...requests)
  const rows = await tape.query(
    `select request_id, list(text order by message_index) as texts from messages where kind = 'text' group by all order by all`,
  )
  expect(rows.map(row => row['texts'])).toEqual(texts)
})

test('usage events are kept apart from what they are part of', async () => {
  expect(
    await messagesOf(
      { tokens: [10], usage: { prompt_tokens: 3, completion_tokens: 1 } },
      'kind, prompt_tokens, completion_tokens',
    ),
  ).toEqual([
    { kind: 'role', prompt_tokens: null, completion_tokens: null },
    { kind: 'text', prompt_tokens: null, completion_tokens: null },
    { kind: 'finish', prompt_tokens: null, completion_tokens: null },
    { kind: 'usage', prompt_tokens: 3, completion_tokens: 1 },
    { kind: 'done', prompt_tokens: null, completion_tokens: null },
  ])
  expect(usageChunk({})).toContain('usage')
})

const FINISH = chatChunk({}, 'stop')
const CUT = 'data: {"id":"chatcmpl-1","choices":[{"index":0,"de\n\n'

test.each<
  [
    name: string,
    after: (string | [number, string])[],
    expected: object,
    options?: Partial<RequestLiteral>,
  ]
>([
  [
    'words as a message',
    ['data: Internal Server Error\n\n'],
    { outcome: 'stream_error', detail: 'Internal Server Error', n_undecoded: 0 },
  ],
  [
    'words as JSON',
    ['data: "CUDA out of memory"\n\n'],
    { outcome: 'stream_error', detail: 'CUDA out of memory', n_undecoded: 0 },
  ],
  [
    'words in brackets',
    ['data: [ERROR] out of memory\n\n'],
    { outcome: 'stream_error', detail: '[ERROR] out of memory', n_undecoded: 0 },
  ],
  [
    'words before [DONE]',
    ['data: Error: out of memory\n\n', DONE],
    { outcome: 'stream_error', detail: 'Error: out of memory', n_undecoded: 0 },
  ],
  [
    'words that are no message',
    ['Internal Server Error'],
    { outcome: 'stream_error', detail: 'Internal Server Error', n_undecoded: 0 },
  ],
  [
    'lines that are no message, over reads',
    ['Traceback (most recent call last):\n', 'Runtime', 'Error: out of memory\n'],
    {
      outcome: 'stream_error',
      detail: 'Traceback (most recent call last):\nRuntimeError: out of memory',
      n_undecoded: 0,
    },
  ],
  [
    'an error object that is no message',
    ['{"error":{"message":"gone","type":"server_error"}}\n'],
    { outcome: 'stream_error', detail: 'server_error: gone', n_undecoded: 0 },
  ],
  [
    'words, then the connection breaks',
    ['data: worker died\n\n'],
    { outcome: 'stream_error', detail: 'worker died', n_undecoded: 0 },
    { outcome: 'broken_stream' },
  ],
  [
    'words that content follows',
    ['data: warming up\n\n', chatChunk({ content: ' b' }) + FINISH + DONE],
    { outcome: 'ok', detail: null, n_undecoded: 1, undecoded: 'warming up' },
  ],
  [
    'words after the end',
    [FINISH + DONE, 'data: bye\n\n'],
    { outcome: 'ok', detail: null, n_undecoded: 1, undecoded: 'bye' },
  ],
  [
    'a field of nobody',
    ['x-trace: 7\n\n', FINISH + DONE],
    { outcome: 'ok', detail: null, n_undecoded: 0 },
  ],
  [
    'JSON that was cut off',
    [CUT, chatChunk({ content: ' b' }) + FINISH + DONE],
    { outcome: 'ok', detail: null, n_undecoded: 1 },
  ],
  ['JSON that was cut off, as the last', [CUT], { outcome: 'broken_stream', n_undecoded: 1 }],
  ['an empty message', ['data:\n\n', FINISH + DONE], { outcome: 'ok', n_undecoded: 0 }],
])('what breaks into a stream: %s', async (_name, after, expected, options) => {
  const said = [chatChunk({ content: ' a' }), chatChunk({ content: ' c' }), ...after]
  const reads = said.map((bytes, i): [number, string] => [10 * (i + 1), bytes as string])
  const tape = await tapeOf({ reads, ...options })
  const [request] = await tape.query('select outcome, detail, n_undecoded, undecoded from requests')
  expect(request).toMatchObject(expected)
  // Shapes survive --keep timing.
  const body = said.join('')
  if (!options) expect(redactedShape(body)).toEqual(shapeOf(decoded(body)))
})

// Whole streams, each message alone in a read, so that the short cut for alike messages takes what it can.
test.each<[name: string, deltas: object[], expected: object[]]>([
  [
    'Mistral thinks, then speaks',
    [
      ...[' I', ' see', ' it'].map(text => ({
        content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }],
      })),
      ...[' So', ' be', ' it'].map(content => ({ content })),
    ],
    [
      { kind: 'reasoning', said: ' I see it', first_ms: 10, tokens: 3 },
      { kind: 'text', said: ' So be it', first_ms: 40, tokens: 3 },
    ],
  ],
  [
    'OpenRouter details its reasoning',
    [
      ...[' I', ' see', ' it'].map(text => ({
        content: '',
        reasoning_details: [{ type: 'reasoning.text', text, format: 'unknown', index: 0 }],
      })),
      ...[' So', ' So', ' be'].map(reasoning => ({
        content: '',
        reasoning,
        reasoning_details: [
          { type: 'reasoning.text', text: reasoning, format: 'unknown', index: 0 },
        ],
      })),
    ],
    [{ kind: 'reasoning', said: ' I see it So So be', first_ms: 10, tokens: 6 }],
  ],
  [
    'audio with its transcript',
    [
      { audio: { id: 'a', transcript: ' Hel' } },
      { audio: { data: 'AAAA' } },
      { audio: { transcript: 'lo' } },
      { audio: { transcript: ' you' } },
    ],
    [
      { kind: 'audio', said: ' Hello you', first_ms: 10, tokens: 2 },
      { kind: 'other', said: null, first_ms: 20, tokens: null },
    ],
  ],
])('%s', async (_name, deltas, expected) => {
  const reads = [...deltas.map(delta => chatChunk(delta)), chatChunk({}, 'stop') + DONE].map(
    (bytes, i): [number, string] => [10 * (i + 1), bytes],
  )
  const tape = await tapeOf({ reads })
  expect(
    await tape.query(`
      select kind, string_agg(text, '' order by message_index) as said, min(at_ns) / 1e6 as first_ms, sum(tokens)::int as tokens
      from messages where kind in ('text', 'reasoning', 'audio', 'other') group by kind order by min(message_index)`),
  ).toEqual(expected)
  expect(await tape.query('select outcome, first_content_ns / 1e6 as ms from requests')).toEqual([
    { outcome: 'ok', ms: 10 },
  ])
})
