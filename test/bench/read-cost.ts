// What one read costs in the lane, step by step: node dist/test/bench/read-cost.js [reads]
// Each step alone, in a loop, on the bytes of a usual read: one chunk with one SSE message. What the kernel,
// libuv and Node do before the callback is not in it: added-cost.js measures the whole.
import { threadClock } from '../../recorder/clock.ts'
import { eventLog, KIND, newBuffers } from '../../recorder/event-log.ts'
import { responseReader } from '../../recorder/http/response-reader.ts'
import { ns } from '../../schemas/units.ts'
import { machine } from './table.ts'

const READS = Number(process.argv[2] ?? 1_000_000)
const ROUNDS = 5

const message = `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: ' token' }, finish_reason: null }] })}\n\n`
const chunk = Buffer.from(`${message.length.toString(16)}\r\n${message}\r\n`)
const shared = Buffer.allocUnsafeSlow(64 * 1024)
chunk.copy(shared)

const nowNs = threadClock(process.hrtime.bigint())
const set = newBuffers()
const log = eventLog(set, full => {
  full.length = 0
  full.nBytes = 0
  return full
})
const body = shared.subarray(0, message.length)

function openReader(onBody: (bytes: Buffer) => void) {
  const reader = responseReader({ head: () => {}, body: onBody, end: () => {} })
  const head = Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
  reader.expect()
  reader.read(head, head.length)
  return reader
}
const silent = openReader(() => {})
let atNs = ns(0)
const logging = openReader(bytes => log.data(1, KIND.read, atNs, 0, bytes))

const STEPS: Record<string, () => void> = {
  'read the clock': () => {
    atNs = nowNs()
  },
  'find the body in the framing': () => {
    silent.read(shared, chunk.length)
  },
  'put row and bytes down': () => log.data(1, KIND.read, atNs, 0, body),
  'all three': () => {
    atNs = nowNs()
    logging.read(shared, chunk.length)
  },
}

const costNs = (step: () => void): number => {
  const began = process.hrtime.bigint()
  for (let i = 0; i < READS; i++) step()
  return Number(process.hrtime.bigint() - began) / READS
}

console.log(machine())
console.log(`${message.length} bytes a message, medians of ${ROUNDS} rounds of ${READS} reads`)
for (const step of Object.values(STEPS)) costNs(step)
for (const [name, step] of Object.entries(STEPS)) {
  const rounds = Array.from({ length: ROUNDS }, () => costNs(step)).sort((a, b) => a - b)
  console.log(`${name.padEnd(30)} ${rounds[ROUNDS >> 1]!.toFixed(0).padStart(6)} ns`)
}
