// The plainest clients there are: closed loop, a connection a stream, a stamp for each read, nothing
// else. A process of its own: node plain-client.js KIND URL STREAMS REQUESTS OUT
import { writeFileSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { Client } from 'undici'

const [kind = '', url = '', streamsText, requestsText, out = ''] = process.argv.slice(2)
const streams = Number(streamsText)
const requests = Number(requestsText)
const { hostname, port } = new URL(url)
const nowNs = (): number => Number(process.hrtime.bigint())

/** (request, instant, body bytes) of each read; bytes -1 is a send. Made before the clock. */
const ROWS = 8_000_000
const rows = new Float64Array(3 * ROWS)
let length = 0
const put = (request: number, ns: number, bytes: number): void => {
  rows[length] = request
  rows[length + 1] = ns
  rows[length + 2] = bytes
  length += 3
}

const body = JSON.stringify({
  model: 'm',
  stream: true,
  messages: [{ role: 'user', content: 'x'.repeat(150) }],
})
const headersOf = (id: number) => ({
  'content-type': 'application/json',
  accept: 'text/event-stream',
  'x-request-id': `plain-${id}`,
})
const PATH = '/v1/chat/completions'

/** A slot of each kind: sends request `id` and calls back when its answer is complete. */
type Slot = (id: number, done: () => void) => void

function undiciSlot(): Slot {
  const client = new Client(url, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  return (id, done) => {
    put(id, nowNs(), -1)
    client.dispatch(
      { method: 'POST', path: PATH, body, headers: headersOf(id) },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData: (_controller, chunk) => put(id, nowNs(), chunk.length),
        onResponseEnd: done,
        onResponseError: (_controller, error) => {
          throw error
        },
      },
    )
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
const httpSlot = (): Slot => (id, done) => {
  put(id, nowNs(), -1)
  const headers = { ...headersOf(id), 'content-length': body.length }
  httpRequest({ hostname, port, path: PATH, method: 'POST', agent, headers }, response => {
    response.on('data', (chunk: Buffer) => put(id, nowNs(), chunk.length))
    response.on('end', done)
  }).end(body)
}

const shared = Buffer.allocUnsafeSlow(64 * 1024)
const HEAD_END = Buffer.from('\r\n\r\n')
/** Just enough of HTTP for the truth server: a head, chunks, a last chunk. */
function onreadSlot(): Slot {
  let id = -1
  let done: () => void = () => {}
  let inHead = true
  /** Bytes of the chunk that is being read, with its line end; 0 between chunks. */
  let left = 0
  let size = ''
  let open: (() => void) | undefined
  const read = (nBytes: number): boolean => {
    const ns = nowNs()
    let bytes = 0
    let at = 0
    if (inHead) {
      at = shared.subarray(0, nBytes).indexOf(HEAD_END) + HEAD_END.length
      inHead = false
    }
    while (at < nBytes) {
      if (left > 0) {
        const taken = Math.min(left, nBytes - at)
        bytes += Math.max(0, Math.min(taken, left - 2))
        left -= taken
        at += taken
        continue
      }
      const byte = shared[at++]!
      if (byte !== 10) {
        if (byte !== 13) size += String.fromCharCode(byte)
        continue
      }
      if (size === '') continue
      left = Number.parseInt(size, 16)
      size = ''
      if (left > 0) {
        left += 2
        continue
      }
      put(id, ns, bytes)
      inHead = true
      // The empty line after the last chunk came in the same write.
      queueMicrotask(done)
      return true
    }
    if (bytes > 0) put(id, ns, bytes)
    return true
  }
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: { buffer: shared, callback: read },
  } as never)
  socket.once('connect', () => {
    open?.()
    open = undefined
  })
  return (next, whenDone) => {
    id = next
    done = whenDone
    const send = (): void => {
      put(id, nowNs(), -1)
      const lines = Object.entries({
        host: hostname,
        ...headersOf(id),
        'content-length': body.length,
      })
      socket.write(
        `POST ${PATH} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
      )
    }
    if (socket.connecting) open = send
    else send()
  }
}

const SLOTS: Record<string, () => Slot> = { undici: undiciSlot, http: httpSlot, onread: onreadSlot }
const pulses: { lane: number; atNs: number; laneCpuNs: number; cpuNs: number; waitNs: number }[] =
  []
let used = process.cpuUsage()
const pulse = setInterval(() => {
  const now = process.cpuUsage()
  const cpuNs = (now.user + now.system - used.user - used.system) * 1000
  used = now
  pulses.push({ lane: 0, atNs: nowNs(), laneCpuNs: cpuNs, cpuNs, waitNs: 0 })
}, 100)

let next = 0
let busy = 0
function run(slot: Slot): void {
  if (next < requests) slot(next++, () => run(slot))
  else if (--busy === 0) finish()
}
function finish(): void {
  clearInterval(pulse)
  writeFileSync(`${out}.f64`, rows.subarray(0, length))
  writeFileSync(`${out}.json`, JSON.stringify(pulses))
  process.exit(0)
}
const slots = Array.from({ length: streams }, () => SLOTS[kind]!())
busy = slots.length
for (const slot of slots) run(slot)
