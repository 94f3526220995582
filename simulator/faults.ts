import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Options } from './options.ts'
import type { Stream } from './stream.ts'

/** What may go wrong. A fault answers instead of a stream, or strikes in the middle of one. */
export type Fault = {
  doc: string
  /** Answers the request itself, before a stream begins. */
  answer?(request: IncomingMessage, response: ServerResponse): void
  /** Strikes when half of the tokens are out; true ends the stream here. */
  strike?(stream: Stream): boolean
  /** How the bytes of a message go out. */
  write?(stream: Stream, bytes: Buffer): void
  /** No `[DONE]` at the end. */
  noDone?: boolean
  /** What is put in place of a token's text. */
  text?(index: number, word: string): string
  encoding?: 'gzip'
}

const status =
  (code: number, type: string, message: string, headers = {}): NonNullable<Fault['answer']> =>
  (_request, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ error: { message, type, param: null, code } }))
  }

export const FAULTS: Record<string, Fault> = {
  'status-400': { doc: 'HTTP 400', answer: status(400, 'BadRequestError', 'bad request') },
  'status-401': { doc: 'HTTP 401', answer: status(401, 'authentication_error', 'invalid key') },
  'status-404': { doc: 'HTTP 404', answer: status(404, 'NotFoundError', 'no such model') },
  'status-429': {
    doc: 'HTTP 429 with Retry-After',
    answer: status(429, 'rate_limit_error', 'too many requests', { 'retry-after': '1' }),
  },
  'status-500': { doc: 'HTTP 500', answer: status(500, 'server_error', 'internal error') },
  'status-503': { doc: 'HTTP 503', answer: status(503, 'unavailable_error', 'loading model') },
  html: {
    doc: 'HTTP 200 with an HTML page',
    answer(_request, response) {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<html><body><h1>It works!</h1></body></html>')
    },
  },
  redirect: {
    doc: 'HTTP 302 to another path',
    answer(_request, response) {
      response.writeHead(302, { location: '/elsewhere' }).end()
    },
  },
  'close-before-response': {
    doc: 'closes without a byte',
    answer: request => void request.socket.end(),
  },
  'keepalive-race': {
    doc: 'closes a kept-alive connection as it is used again',
    // The second request on a socket meets a server that has gone.
    answer: request => void request.socket.destroy(),
  },
  cut: {
    doc: 'FIN in mid-stream, no final chunk',
    strike: stream => {
      stream.socket.end()
      return true
    },
  },
  reset: {
    doc: 'TCP reset in mid-stream',
    strike: stream => {
      stream.socket.resetAndDestroy()
      return true
    },
  },
  stall: { doc: 'stops in mid-stream, connection open', strike: () => true },
  'midstream-error': {
    doc: 'an error object in mid-stream, then a proper end',
    strike: stream => {
      stream.message(
        JSON.stringify({ error: { code: 500, message: 'engine died', type: 'server_error' } }),
      )
      stream.response.end()
      return true
    },
  },
  'no-done': { doc: 'a proper end without [DONE]', noDone: true },
  'data-null': {
    doc: 'one event is data: null',
    strike: stream => {
      stream.message('null')
      return false
    },
  },
  ping: {
    doc: 'a comment line in mid-stream',
    strike: stream => {
      stream.bytes(Buffer.from(': ping\n\n'))
      return false
    },
  },
  'big-event': {
    doc: 'one event of --big-event-bytes',
    strike: stream => {
      stream.message(stream.wire.text('x'.repeat(stream.options.bigEventBytes)))
      return false
    },
  },
  'slow-drip': {
    doc: 'one byte a write',
    write: (stream, bytes) => {
      for (const byte of bytes) stream.chunk(Buffer.of(byte))
    },
  },
  'split-utf8': {
    doc: 'multi-byte characters, cut in two writes',
    text: (_index, word) => `${word}é🦙`,
    write: (stream, bytes) => {
      const at = bytes.indexOf(0xf0) + 2
      stream.chunk(bytes.subarray(0, at))
      stream.chunk(bytes.subarray(at))
    },
  },
  'invalid-utf8': {
    doc: 'bytes that are not UTF-8 in each text',
    write: (stream, bytes) => {
      const broken = Buffer.from(bytes)
      const at = broken.indexOf('"content":"')
      if (at !== -1) broken[at + 11] = 0xff
      stream.chunk(broken)
    },
  },
  gzip: { doc: 'Content-Encoding: gzip, flushed for each message', encoding: 'gzip' },
}

/** The fault that a request meets: the one its header names, or that of the options for their share. */
export function faultOf(
  request: IncomingMessage,
  options: Pick<Options, 'fault' | 'faultRatio'>,
  random: () => number,
): Fault | undefined {
  const asked = request.headers['x-simulate-fault']
  if (typeof asked === 'string') return FAULTS[asked]
  if (options.fault === undefined || random() >= options.faultRatio) return undefined
  return FAULTS[options.fault]
}
