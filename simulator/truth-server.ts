#!/usr/bin/env node
import { writeSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { dueHeap } from './due-heap.ts'
import { type Head, requestReader } from './request-reader.ts'
import { nowNs } from './scheduler.ts'
import { stamps } from './stamps.ts'
import { randomFor } from './timing.ts'
import { TOKEN_BYTES, tokenChunk } from './token-chunks.ts'

// A server whose only aim is to know when it wrote each token. One stream a connection, one write a
// token, stamped just before the write; due times are kept by spinning, which costs a core.
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'ttft-ms': { type: 'string', default: '50' },
    'tokens-per-second': { type: 'string', default: '50' },
    'output-tokens': { type: 'string', default: '100' },
    'lockstep-ms': { type: 'string', default: '0' },
    seed: { type: 'string', default: '0' },
    truth: { type: 'string' },
  },
})
const ttftNs = Number(values['ttft-ms']) * 1e6
const gapNs = 1e9 / Number(values['tokens-per-second'])
const outputTokens = Number(values['output-tokens'])
const stepNs = Number(values['lockstep-ms']) * 1e6

/** Streams at once; a further connection is closed. */
const MAX_STREAMS = 16_384
/** Longest stretch of writing before sockets are looked at again. */
const TURN_NS = 200_000

const HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
)
const chunk = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n`
const TAIL = Buffer.from(`${chunk('data: [DONE]\n\n')}0\r\n\r\n`)
const NOT_FOUND = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')

const truth = stamps()
const heap = dueHeap(MAX_STREAMS)
const random = randomFor(Number(values.seed), 0)
const sockets: (Socket | undefined)[] = []
const freeStreams: number[] = []
const requestOf = new Float64Array(MAX_STREAMS)
const tokensLeft = new Int32Array(MAX_STREAMS)
let ordinal = 0
let spinning = false

const server = createServer({ noDelay: true }, socket => {
  const stream = freeStreams.pop() ?? sockets.length
  if (stream >= MAX_STREAMS) {
    socket.destroy()
    return
  }
  sockets[stream] = socket
  const read = requestReader(head => begin(stream, head, nowNs()))
  socket.on('data', read)
  socket.on('error', () => {})
  socket.on('close', () => {
    sockets[stream] = undefined
    // A stream that is still in the heap is given back when its due time comes.
    if (tokensLeft[stream] === 0) freeStreams.push(stream)
  })
})

function begin(stream: number, { method, requestId }: Head, receivedNs: number): void {
  const socket = sockets[stream]
  if (!socket || tokensLeft[stream]! > 0) return
  if (method !== 'POST') {
    write(socket, NOT_FOUND)
    return
  }
  const request = requestId >= 0 ? requestId : ordinal
  ordinal++
  // Lengths differ by half, so that streams that begin together do not end together.
  const tokens = Math.max(1, Math.round(outputTokens * (0.5 + random())))
  requestOf[stream] = request
  tokensLeft[stream] = tokens
  truth.received(request, receivedNs, tokens)
  write(socket, HEAD)
  const firstNs = receivedNs + ttftNs + (stepNs > 0 ? 0 : gapNs * random())
  heap.push(stepNs > 0 ? Math.ceil(firstNs / stepNs) * stepNs : firstNs, stream)
  if (!spinning) {
    spinning = true
    setImmediate(spin)
  }
}

function spin(): void {
  const endNs = nowNs() + TURN_NS
  for (let now = nowNs(); heap.firstNs() <= now && now < endNs; now = nowNs()) emit(now)
  spinning = heap.firstNs() < Number.POSITIVE_INFINITY
  if (spinning) setImmediate(spin)
}

/** Writes the first due token. */
function emit(now: number): void {
  const stream = heap.firstStream()
  const dueNs = heap.firstNs()
  const socket = sockets[stream]
  heap.pop()
  if (!socket || socket.destroyed) {
    tokensLeft[stream] = 0
    if (!socket) freeStreams.push(stream)
    return
  }
  const left = --tokensLeft[stream]!
  truth.token(requestOf[stream]!, now, dueNs)
  write(socket, tokenChunk(requestOf[stream]! * 31 + left * 7))
  if (left === 0) write(socket, TAIL)
  // Gaps differ by a tenth, so that streams do not fall into step; where asked they all step at once.
  else heap.push(dueNs + (stepNs > 0 ? stepNs : gapNs * (0.9 + 0.2 * random())), stream)
}

/** Straight to the file descriptor: `socket.write` costs several times the system call. */
function write(socket: Socket & { _handle?: { fd: number } | null }, bytes: Buffer): void {
  const fd = socket._handle?.fd ?? -1
  let written = 0
  if (fd >= 0 && socket.writableLength === 0)
    try {
      written = writeSync(fd, bytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        socket.destroy()
        return
      }
    }
  // The socket's buffer is full: the client is behind, and Node waits for it.
  if (written < bytes.length) socket.write(bytes.subarray(written))
}

server.listen(Number(values.port), '127.0.0.1', 4096, () => {
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  process.stdout.write(`${JSON.stringify({ port, url, token_bytes: TOKEN_BYTES })}\n`)
})
// Standard input is the leash: its end is the end of the run.
process.stdin.resume().once('end', () => {
  if (values.truth) truth.write(values.truth)
  process.exit(0)
})
