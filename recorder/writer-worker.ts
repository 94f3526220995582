import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { reasonOf } from '../schemas/errors.ts'
import { buffersOf, eventColumns } from './event-log.ts'
import { COUNTER, type FromWriter, type ToWriter } from './messages.ts'
import { tableLog } from './writer.ts'

const { tape, ports, counters, fsyncMs } = workerData as {
  tape: string
  ports: MessagePort[]
  counters: SharedArrayBuffer
  fsyncMs: number
}
const published = new Int32Array(counters)
const report = (message: FromWriter): void => parentPort!.postMessage(message)

let failed = false
/** Runs a step that writes. The first failure is reported once; later batches are given back unwritten. */
function guarded(path: string, step: () => void): void {
  if (failed) return
  try {
    step()
  } catch (error) {
    failed = true
    const { code = '' } = error as NodeJS.ErrnoException
    report({ type: 'failed', path, reason: reasonOf(error), code })
  }
}

const logs = ports.map((_, lane) => {
  const open = () => ({
    events: tableLog(tape, 'events', lane),
    requests: tableLog(tape, 'requests', lane),
    health: tableLog(tape, 'health', lane),
  })
  let opened: ReturnType<typeof open> | undefined
  guarded(tape, () => {
    opened = open()
  })
  return opened
})

for (const [lane, port] of ports.entries()) {
  port.on('message', (message: ToWriter) => {
    const log = logs[lane]
    if (message.type === 'events') {
      const { set } = message
      if (log) guarded(log.events.path, () => log.events.append(eventColumns(set)))
      Atomics.add(published, COUNTER.messages, messagesIn(set.bytes, set.nBytes))
      set.length = 0
      set.nBytes = 0
      port.postMessage(set, buffersOf(set))
    } else if (message.type === 'end') {
      if (log) for (const table of Object.values(log)) guarded(table.path, () => table.end())
      logs[lane] = undefined
      port.close()
      report({ type: 'closed', lane })
      if (logs.every(each => each === undefined)) clearInterval(syncing)
    } else if (log) {
      const table = log[message.type]
      guarded(table.path, () => table.appendRows(message.rows))
    }
  })
}

const syncing = setInterval(() => {
  for (const log of logs)
    if (log) for (const table of Object.values(log)) guarded(table.path, () => table.sync())
}, fsyncMs)

/** SSE messages in a batch, roughly: for the progress line only, so a cut at a read's edge may miss one. */
function messagesIn(bytes: Uint8Array, length: number): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, length)
  let count = 0
  for (let at = text.indexOf('data: {'); at !== -1; at = text.indexOf('data: {', at + 7)) count++
  return count
}
