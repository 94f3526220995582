import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { constants, createGzip, deflateSync } from 'node:zlib'
import type { RawRequest } from './raw-server.ts'
import { chatChunk, DONE, type RequestLiteral, usageChunk } from './tape.ts'

/** An answer as it is written: pieces of a body with the milliseconds before each, and how the connection ends. */
export type Shape = {
  status?: string
  contentType?: string | null
  encoding?: string
  body?: (string | Buffer)[]
  pauseMs?: number
  /** `whole`: as HTTP wants it; `fin` and `reset`: the connection breaks; `silence`: nothing more comes. */
  ending?: 'whole' | 'fin' | 'reset' | 'silence'
}

const JSON_TYPE = 'application/json'
const ROLE = chatChunk({ role: 'assistant', content: '' })
const FINISH = chatChunk({}, 'stop')
const say = (content: string): string => chatChunk({ content })
const think = (reasoning_content: string): string => chatChunk({ reasoning_content })
const call = (fields: object): string =>
  chatChunk({ content: null, tool_calls: [{ index: 0, ...fields }] })
const usage = (prompt: number, completion: number, more: object = {}): string =>
  usageChunk({ prompt_tokens: prompt, completion_tokens: completion, ...more })
const error = 'data: {"error":{"code":500,"message":"engine died","type":"server_error"}}\n\n'

/** Bytes cut at these shares of their length. */
function cut(text: string, ...shares: number[]): Buffer[] {
  const bytes = Buffer.from(text)
  const ends = [...shares.map(share => Math.round(share * bytes.length)), bytes.length]
  return ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end))
}

/** As a server packs a stream: each message flushed for itself. */
async function gzipped(messages: string[]): Promise<Buffer[]> {
  const gzip = createGzip()
  const pieces: Buffer[] = []
  for (const message of messages) {
    gzip.write(message)
    await new Promise<void>(resolve => gzip.flush(constants.Z_SYNC_FLUSH, resolve))
    pieces.push(gzip.read())
  }
  return pieces
}

/** A streamed chat of everything that servers send, one answer a shape. */
export const STREAMS: Record<string, Shape> = {
  plain: { body: [ROLE, say(' one'), say(' two'), say(' three'), FINISH + usage(5, 3) + DONE] },
  'several tokens a message': { body: [say(' one two'), say(' a b c d'), say(' e'), FINISH, DONE] },
  'several messages a read': { body: [ROLE + say(' a') + say(' b'), say(' c') + say(' d') + FINISH + DONE] },
  'messages cut over reads': {
    body: cut(say(' héllo') + say(' wörld 🦙') + say('!') + FINISH + DONE, 0.05, 0.19, 0.31, 0.45, 0.6, 0.71),
  },
  'CR LF, comments, several data lines': {
    body: [
      ': ping\r\n\r\n',
      (say(' one') + say(' two')).replaceAll('\n', '\r\n'),
      'event: message\r\nid: 7\r\ndata: {"choices":[{"index":0,\r\ndata: "delta":{"content":" three"}}]}\r\n\r\n',
      ':\n\ndata: null\n\n',
      FINISH + DONE,
    ],
  },
  'a finish without [DONE]': { body: [say(' one'), say(' two'), FINISH] },
  '[DONE] without a finish': { body: [say(' one'), say(' two'), DONE] },
  'no blank line at the end': { body: [say(' one'), say(' two'), 'data: [DONE]'] },
  'nothing said': { body: [ROLE, FINISH + usage(5, 0) + DONE] },
  'one token': { body: [ROLE + say('a'), FINISH + DONE] },
  'one message of several tokens': { body: [say('a b c d'), FINISH + DONE] },
  reasoning: {
    body: [
      ROLE, think(' let me'), think(' think'), think(' again'), say(' yes'), say(' no'),
      FINISH + usage(9, 7, { completion_tokens_details: { reasoning_tokens: 4 } }) + DONE,
    ],
  }, // biome-ignore format: a message beside the other
  'reasoning only': { body: [think(' let'), think(' me'), FINISH + DONE] },
  'text and reasoning in one message': {
    body: [chatChunk({ content: ' a', reasoning: ' b c' }), say(' d'), FINISH + DONE],
  },
  'a tool call': {
    body: [
      ROLE, call({ id: 'c', function: { name: 'look_up', arguments: '' } }), call({ function: { arguments: '{"city":' } }),
      call({ function: { arguments: ' "Bern"}' } }), chatChunk({}, 'tool_calls') + DONE,
    ],
  }, // biome-ignore format: a message beside the other
  'reasoning, then a tool call': {
    body: [think(' hm'), call({ function: { name: 'f', arguments: '{}' } }), say(' so'), FINISH + DONE],
  },
  'halves of a word and of a character': {
    body: [
      say(' impor'), say('tant'), say('@').replace('@', '\\ud83e'), say('@').replace('@', '\\udd99'), say(' z'),
      FINISH + DONE,
    ],
  }, // biome-ignore format: a message beside the other
  'a list of parts, and a refusal': {
    body: [chatChunk({ content: [{ type: 'text', text: ' a' }, { type: 'text', text: ' b' }] }), chatChunk({ refusal: ' no' }), FINISH + DONE],
  },
  'a completion': {
    body: [
      'data: {"choices":[{"index":0,"text":" one","finish_reason":null}]}\n\n',
      'data: {"choices":[{"index":0,"text":"","finish_reason":null}]}\n\n',
      'data: {"choices":[{"index":0,"text":" two","finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\n',
      DONE,
    ],
  },
  'thinking among the parts of the content': {
    body: [chatChunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: ' hm so' }] }] }), say(' yes'), FINISH + DONE],
  },
  'reasoning in details, alone and again': {
    body: [
      chatChunk({ content: '', reasoning_details: [{ type: 'reasoning.text', text: ' let' }, { type: 'reasoning.summary', summary: ' me' }] }),
      chatChunk({ content: '', reasoning: ' see', reasoning_details: [{ type: 'reasoning.text', text: ' see' }] }), say(' so'), FINISH + DONE,
    ],
  },
  'audio and its transcript': {
    body: [chatChunk({ audio: { data: 'UklGRg==' } }), chatChunk({ audio: { id: 'a', transcript: ' hello' } }), chatChunk({ audio: { transcript: ' you' } }), FINISH + DONE],
  },
  'a custom tool, and what else usage counts': {
    body: [
      chatChunk({ tool_calls: [{ index: 0, type: 'custom', custom: { name: 'sh', input: 'ls -l' } }] }),
      FINISH + usage(30, 20, {
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 7, cache_write_tokens: 5 },
        completion_tokens_details: { audio_tokens: 6, accepted_prediction_tokens: 5, rejected_prediction_tokens: 4 },
        toolUsePromptTokenCount: 3, prompt_audio_seconds: 1.25, server_tool_use: { web_search_requests: 3, web_fetch_requests: 1 },
      }) + DONE,
    ],
  },
  'misses of the cache': { body: [say(' one'), FINISH + usage(9, 1, { prompt_cache_miss_tokens: 7 }) + DONE] },
  'usage in a choice': {
    body: [say(' one'), 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":9,"completion_tokens":1}}]}\n\n', DONE],
  },
  'usage below the count': { body: [say(' one two three'), say(' four five'), FINISH + usage(3, 1) + DONE] },
  'usage far above, cached': {
    body: [
      say(' one'), say(' two'),
      FINISH + usage(4000, 900, { prompt_tokens_details: { cached_tokens: 3900 }, completion_tokens_details: { reasoning_tokens: 9 } }) + DONE,
    ],
  }, // biome-ignore format: a message beside the other
  'usage with every message': {
    body: [1, 2, 3].map(n => say(' w').replace('"choices"', `"usage":{"prompt_tokens":6,"completion_tokens":${n}},"choices"`)).concat(FINISH, DONE),
  },
  'slower than a reader': { pauseMs: 260, body: [say(' one'), say(' two'), say(' three four'), FINISH + DONE] },
  gzip: { encoding: 'gzip', body: [ROLE, say(' one'), say(' two'), say(' three'), FINISH + DONE] },
  deflate: { encoding: 'deflate', body: [deflateSync(say(' one') + say(' two') + FINISH + DONE)] },
  'no content-type': { contentType: null, body: [say(' one'), say(' two'), FINISH + DONE] },
  'breaks off': { body: [ROLE, say(' one'), say(' two')], ending: 'fin' },
  'ends without a sign': { body: [ROLE, say(' one'), say(' two')] },
  reset: { body: [ROLE, say(' one'), say(' two')], ending: 'reset' },
  'reset after the finish': { body: [say(' one'), FINISH], ending: 'reset' },
  'reset when all was said': { body: [say(' one'), say(' two'), FINISH + DONE], ending: 'reset' },
  'nothing but a head': {},
  'no head': { status: '', ending: 'fin' },
  'an error in mid-stream': { body: [ROLE, say(' one'), error] },
  'an error, then [DONE]': { body: [say(' one'), error, DONE] },
  'an error, then it breaks': { body: [say(' one'), error], ending: 'fin' },
  'stops in mid-stream': { body: [ROLE, say(' one')], ending: 'silence' },
  'never answers': { status: '', ending: 'silence' },
  html: { contentType: 'text/html', body: ['<html>It works!</html>'] },
  'html as a stream': { body: ['<html>It works!</html>'] },
  'a whole answer': {
    contentType: JSON_TYPE,
    body: ['{"choices":[{"index":0,"message":{"content":" one two"},"finish_reason":"stop"}]}'],
  },
  'not found': { status: '404 Not Found', contentType: JSON_TYPE, body: ['{"error":{"message":"no such model"}}'] },
  'too many': { status: '429 Too Many Requests', contentType: JSON_TYPE, body: ['{"error":{"message":"slow down"}}'] },
  'its own fault': { status: '500 Internal Server Error', contentType: 'text/plain', body: ['oops'], ending: 'fin' },
  elsewhere: { status: '302 Found' },
  'an unknown encoding': { encoding: 'zstd', body: [say(' one'), FINISH + DONE] },
} // biome-ignore format: a shape a line

/** Answers that are not streamed. */
export const WHOLE: Record<string, Shape> = {
  plain: {
    contentType: JSON_TYPE,
    body: cut('{"choices":[{"index":0,"message":{"content":" one two three"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":3}}', 0.3, 0.7),
  },
  'reasoning and a tool call': {
    contentType: JSON_TYPE,
    body: ['{"choices":[{"index":0,"message":{"content":null,"reasoning_content":" let me see","tool_calls":[{"function":{"name":"f","arguments":"{\\"a\\":1}"}}]},"finish_reason":"tool_calls"}]}'],
  },
  'nothing said': { contentType: JSON_TYPE, body: ['{"choices":[{"index":0,"message":{"content":""},"finish_reason":"stop"}]}'] },
  'an error': { contentType: JSON_TYPE, body: ['{"error":"out of memory"}'] },
  'no answer': { contentType: JSON_TYPE, body: ['{"unexpected":true}'] },
  'cut short': { contentType: JSON_TYPE, body: ['{"choices":[{"ind'], ending: 'fin' },
  html: { contentType: 'text/html', body: ['<html>'] },
} // biome-ignore format: a shape a line

/** Answers of two choices, whose messages come in turns. */
export const CHOICES: Record<string, Shape> = {
  'in turns': {
    body: [
      of(1, ' one'), of(0, ' two'), of(1, ' three four'), of(0, ' five') + of(1, ' six'), of(0, null) + of(1, null),
      usage(5, 4) + usage(5, 3) + DONE,
    ],
  },
  'one after the other': { body: [of(0, ' a'), of(0, ' b'), of(1, ' c'), of(1, ' d'), of(1, ' e'), of(0, null) + of(1, null) + DONE] },
  'one of them with a single token': { body: [of(0, 'a'), of(1, ' b'), of(1, ' c'), of(0, null) + of(1, null) + DONE] },
} // biome-ignore format: a shape a line

/** A message of one of several choices; null: its finish. */
function of(index: number, content: string | null): string {
  const choice = {
    index,
    delta: content === null ? {} : { content },
    finish_reason: content === null ? 'stop' : null,
  }
  return `data: ${JSON.stringify({ choices: [choice] })}\n\n`
}

/** The same answers as rows of a tape, of requests sent one after the other. */
export const asLiterals = (shapes: Record<string, Shape>): RequestLiteral[] =>
  Object.values(shapes).map((shape, i): RequestLiteral => {
    const { status = '200 OK', contentType = 'text/event-stream', encoding, ending } = shape
    const sent = 100 * i
    const breaks = ending === 'fin' || ending === 'reset'
    const ended: RequestLiteral = {
      ...(breaks ? { outcome: 'broken_stream' } : {}),
      ...(ending === 'silence' ? { outcome: 'timeout' } : {}),
    }
    if (status === '') return { sent, end: sent + 50, ...ended }
    return {
      sent,
      headers: sent + 10,
      status: Number(status.slice(0, 3)),
      reads: (shape.body ?? []).map((piece, k) => [sent + 12 + 7 * k, piece]),
      responseHeaders: {
        ...(contentType === null ? {} : { 'content-type': contentType }),
        ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
      },
      ...ended,
    }
  })

/** Answers each request with the next shape, again from the first when all have been. */
export function answering(
  shapes: Record<string, Shape>,
): (socket: Socket, request: RawRequest) => void {
  const list = Object.values(shapes)
  return (socket, { count }) => void write(socket, list[count % list.length]!)
}

async function write(socket: Socket, shape: Shape): Promise<void> {
  const { status = '200 OK', contentType = 'text/event-stream', encoding, ending = 'whole' } = shape
  const { body = [], pauseMs = 4 } = shape
  const pieces = encoding === 'gzip' ? await gzipped(body.map(String)) : body
  const headers = [
    `HTTP/1.1 ${status}`,
    'transfer-encoding: chunked',
    ...(contentType === null ? [] : [`content-type: ${contentType}`]),
    ...(encoding === undefined ? [] : [`content-encoding: ${encoding}`]),
  ]
  if (status !== '') socket.write(`${headers.join('\r\n')}\r\n\r\n`)
  for (const piece of pieces) {
    await pause(pauseMs)
    const bytes = Buffer.from(piece)
    socket.write(
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]),
    )
  }
  await pause(pauseMs)
  if (ending === 'whole') socket.write('0\r\n\r\n')
  if (ending === 'fin') socket.end()
  if (ending === 'reset') socket.resetAndDestroy()
}
