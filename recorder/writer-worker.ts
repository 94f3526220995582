import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { reasonOf } from '../schemas/errors.ts'
import { buffersOf, type EventBuffers, eventColumns, KIND } from './event-log.ts'
import { keepRaw, keepTiming, requestKeeper } from './keep.ts'
import { COUNTER, type FromWriter, type ToWriter, type WriterStart } from './messages.ts'
import { processTimes } from './process-times.ts'
import type { Kept } from './secrets/pieces.ts'
import { yieldToSenders } from './thread-priority.ts'
import { tableLog } from './writer.ts'

yieldToSenders()

const { tape, ports, firstLane, counters, fsyncMs, keep, secrets } = workerData as WriterStart & {
  ports: MessagePort[]
}
const published = new Int32Array(counters)
const keptRow = requestKeeper(keep, secrets)
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

const logs = ports.map((_, index) => {
  const lane = firstLane + index
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

/** How long a set waits for the rest of what may be a secret: so much more is lost by kill -9, at most. */
const HOLD_MS = 100

for (const [index, port] of ports.entries()) {
  const keeper = keep === 'timing' ? keepTiming(secrets) : keepRaw(secrets)
  const write = (kept: Kept[]): void => {
    const log = logs[index]
    for (const { set, blanked } of kept) {
      if (log) guarded(log.events.path, () => log.events.append(eventColumns(set, blanked)))
      set.length = 0
      set.nBytes = 0
      port.postMessage(set, buffersOf(set))
    }
  }
  /** Reads that carried more than one message, since the lane's last pulse. */
  let readsMulti = 0
  const times = processTimes()
  port.on('message', (message: ToWriter) => {
    const log = logs[index]
    if (message.type === 'events') {
      const { set } = message
      const found = messagesIn(set)
      readsMulti += found.readsMulti
      Atomics.add(published, COUNTER.messages, found.messages)
      write(keeper.take(set))
      if (keeper.holds()) setTimeout(() => write(keeper.release(set)), HOLD_MS)
    } else if (message.type === 'end') {
      write(keeper.release())
      if (log) for (const table of Object.values(log)) guarded(table.path, () => table.end())
      logs[index] = undefined
      port.close()
      report({ type: 'closed', lane: index })
      if (logs.every(each => each === undefined)) clearInterval(syncing)
    } else if (log && message.type === 'health') {
      const row = { ...message.pulse, ...times(), reads_multi: readsMulti }
      readsMulti = 0
      guarded(log.health.path, () => log.health.appendRows([row]))
    } else if (log && message.type === 'requests')
      guarded(log.requests.path, () => log.requests.appendRows(message.rows.map(keptRow)))
  })
}

const syncing = setInterval(
  () => {
    for (const log of logs)
      if (log) for (const table of Object.values(log)) guarded(table.path, () => table.sync())
  },
  fsyncMs || 1 << 30,
)

const MESSAGE = Buffer.from('data: {')

/**
 * SSE messages of a batch, and reads that carried several: by the line that begins each, so a message
 * that is cut right there is missed. For the pulse and the progress line; the analyzer counts exactly.
 */
function messagesIn({ length, kind, offsets, bytes }: EventBuffers) {
  let messages = 0
  let readsMulti = 0
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, offsets[length])
  let row = 0
  let inRow = 0
  for (let at = all.indexOf(MESSAGE); at !== -1; at = all.indexOf(MESSAGE, at + MESSAGE.length)) {
    while (offsets[row + 1]! <= at) {
      row++
      inRow = 0
    }
    if (kind[row] !== KIND.read) continue
    messages++
    if (++inRow === 2) readsMulti++
  }
  return { messages, readsMulti }
}
