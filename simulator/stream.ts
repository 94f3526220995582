import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { constants, createGzip, type Gzip } from 'node:zlib'
import type { Fault } from './faults.ts'
import type { Options } from './options.ts'
import type { Pace } from './pace.ts'
import { nowNs } from './scheduler.ts'
import type { Truth } from './truth.ts'
import { type Api, sse, usageOf, wireOf } from './wire.ts'
import { wordFor } from './words.ts'

export type StreamParts = {
  options: Options
  pace: Pace
  response: ServerResponse
  truth: Truth
  api: Api
  fault: Fault | undefined
  model: string
  outputTokens: number
  includeUsage: boolean
  done(): void
}
export type Stream = {
  options: Options
  response: ServerResponse
  socket: Socket
  wire: ReturnType<typeof wireOf>
  /** Sends one SSE message with this payload. */
  message(payload: string): void
  /** Sends body bytes, through the content encoding. */
  bytes(bytes: Buffer): void
  /** Sends body bytes as one HTTP chunk and one write. */
  chunk(bytes: Buffer): void
}

/**
 * One streamed answer. Headers go out when a slot takes the request, tokens when they are due;
 * each token is stamped just before its socket write, so no client can have it earlier.
 *
 * Chunks are written straight to the socket: `response.write` would cost more than the token.
 */
export function startStream(parts: StreamParts): void {
  const { options, pace, response, truth, api, fault, outputTokens } = parts
  const socket = response.socket!
  const created = Math.floor(Date.now() / 1000)
  const wire = wireOf(api, truth.request, parts.model, created)
  const gzip = fault?.encoding === 'gzip' ? createGzip() : undefined

  const stream: Stream = {
    options,
    response,
    socket,
    wire,
    message: payload => stream.bytes(Buffer.from(sse(payload, options))),
    bytes: bytes => (gzip ? flushThrough(gzip, bytes) : stream.chunk(bytes)),
    chunk: bytes => writeChunk(socket, bytes),
  }
  gzip?.on('data', (piece: Buffer) => stream.chunk(piece))

  let sent = 0
  let over = false
  const end = (outcome: string): void => {
    if (over) return
    over = true
    if (outcome !== 'ok') pace.cancel()
    socket.off('close', closed)
    truth.outcome = outcome
    truth.completion_tokens = sent
    truth.done_ns = nowNs()
    parts.done()
  }
  const closed = (): void => {
    truth.client_closed_ns = nowNs()
    end('client_closed')
  }
  socket.once('close', closed)

  truth.headers_ns = nowNs()
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
  })
  response.flushHeaders()

  const hasRole = api === 'chat' && options.roleContent !== 'none'
  const role = hasRole ? sse(wire.role(options.roleContent === 'null' ? null : ''), options) : ''
  const send = (bytes: Buffer): void => {
    if (fault?.write) fault.write(stream, bytes)
    else stream.bytes(bytes)
  }
  /** Two HTTP chunks in one write; a fault that has writes of its own keeps them. */
  const sendTogether = (first: Buffer, second: Buffer): void => {
    if (!fault?.write) socket.cork()
    send(first)
    send(second)
    socket.uncork()
  }

  const emit = (dueNs: number): void => {
    if (over) return
    const isFirst = sent === 0
    let pending = isFirst && !options.roleChunk ? role : ''
    const struck = Math.ceil(outputTokens / 2)
    for (let i = 0; i < options.messagesPerWrite && sent < outputTokens; i++) {
      let text = ''
      const reasoning = sent < options.reasoningTokens
      for (let t = 0; t < options.tokensPerMessage && sent < outputTokens; t++) {
        text += fault?.text?.(sent, wordFor(truth.request, sent)) ?? wordFor(truth.request, sent)
        sent++
      }
      pending += sse(reasoning ? wire.reasoning(text) : wire.text(text), options)
      truth.due_ns.push(dueNs)
    }
    const bytes = Buffer.from(pending)
    const ns = nowNs()
    while (truth.token_ns.length < truth.due_ns.length) truth.token_ns.push(ns)
    if (isFirst && options.roleChunk && hasRole) sendTogether(Buffer.from(role), bytes)
    else send(bytes)
    if (fault?.strike && sent >= struck) {
      const { strike } = fault
      if (sent - options.tokensPerMessage * options.messagesPerWrite < struck && strike(stream)) {
        end('fault')
        return
      }
    }
    if (sent < outputTokens) pace.next(dueNs, emit)
    else finish()
  }
  const finish = (): void => {
    const usage = usageOf(truth.prompt_tokens, sent, truth.cached_tokens)
    const onFinish = options.usageChunk === 'on-finish'
    let tail = sse(wire.finish('length', onFinish ? usage : undefined), options)
    if (parts.includeUsage && options.usageChunk === 'separate')
      tail += sse(wire.usage(usage), options)
    if (!fault?.noDone) tail += sse('[DONE]', options)
    stream.bytes(Buffer.from(tail))
    end('ok')
    if (gzip) gzip.end(() => response.end())
    else response.end()
  }
  pace.first(emit)
}

const CRLF = Buffer.from('\r\n')

/** Writes body bytes as one HTTP chunk and one write; to a socket that has gone, nothing. */
export function writeChunk(socket: Socket, bytes: Uint8Array): void {
  if (!socket.writable || bytes.length === 0) return
  const head = Buffer.from(`${bytes.length.toString(16)}\r\n`)
  socket.write(Buffer.concat([head, bytes, CRLF]))
}

function flushThrough(gzip: Gzip, bytes: Buffer): void {
  gzip.write(bytes)
  gzip.flush(constants.Z_SYNC_FLUSH)
}
