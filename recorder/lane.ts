import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { RequestRow } from '../schemas/tables.ts'
import { threadClock } from './clock.ts'
import { stampedSockets } from './connection.ts'
import { buffersOf, type EventBuffers, eventLog, newBuffers } from './event-log.ts'
import { newTally, pulse } from './health.ts'
import {
  COUNTER,
  COUNTERS,
  type FromComposer,
  type LaneStart,
  type ReadyRequest,
  type ToLane,
} from './messages.ts'
import { openSlot, type Slot } from './slot.ts'
import { tlsOptions } from './tls.ts'

/** How often what was stamped is handed to the writer, and the pulse is taken. */
const TICK_MS = 100
/** Sets of buffers that are in use or with the writer before the lane waits for the disk: 256 MB. */
const MAX_SETS = 256
/** Connections opened at once before the clock starts. */
const WARM_AT_ONCE = 64

const napping = new Int32Array(new SharedArrayBuffer(4))

export type LanePorts = { main: MessagePort; composer: MessagePort; writer: MessagePort }

/**
 * One sender: keeps its slots busy, stamps what arrives, hands batches to the writer.
 *
 * Reads as: warm the connections, say so, wait for `go`, send whenever a slot and a request are
 * there, finish when the requests are exhausted or `stop` came and nothing is in flight.
 */
export async function runLane(start: LaneStart, { main, composer, writer }: LanePorts) {
  const { lane, plan, runId, zeroNs } = start
  const nowNs = threadClock(zeroNs)
  const counters = new Int32Array(start.counters, start.counterRow * COUNTERS * 4, COUNTERS)
  const tally = newTally()
  const health = pulse(lane, nowNs)

  const spare: EventBuffers[] = [newBuffers(), newBuffers(), newBuffers()]
  let setsOut = 0
  let bytesOut = 0
  const log = eventLog(newBuffers(), set => {
    setsOut++
    bytesOut += set.nBytes
    writer.postMessage({ type: 'events', lane, set }, buffersOf(set))
    if (setsOut >= MAX_SETS) waitForWriter()
    return spare.pop() ?? newBuffers()
  })
  writer.on('message', (set: EventBuffers) => takeBack(set))
  const takeBack = (set: EventBuffers): void => {
    setsOut--
    if (setsOut === 0) bytesOut = 0
    if (spare.length < 8) spare.push(set)
  }
  // The disk cannot keep up: nothing is dropped, the lane stands still and the tape says for how long.
  const waitForWriter = (): void => {
    const since = nowNs()
    while (setsOut >= MAX_SETS / 2) {
      const message = receiveMessageOnPort(writer)
      if (message) takeBack(message.message as EventBuffers)
      else Atomics.wait(napping, 0, 0, 1)
    }
    tally.writerWaitNs += nowNs() - since
  }

  const open = stampedSockets(nowNs, tlsOptions(plan))
  const urls = plan.urls.map(url => new URL(url))
  const free: Slot[] = []
  const slots: Slot[] = []
  const headers = { ...plan.headers, ...plan.secretHeaders }
  for (let i = 0; i < start.slots; i++) {
    const slot = openSlot({ url: urls[i % urls.length]!, headers, runId, open, nowNs, log, tally })
    slots.push(slot)
    free.push(slot)
  }

  let connections = 0
  for (let i = 0; i < slots.length; i += WARM_AT_ONCE) {
    const warmed = await Promise.all(slots.slice(i, i + WARM_AT_ONCE).map(slot => slot.warm()))
    connections += warmed.filter(Boolean).length
    if (connections === 0) break
  }

  const stock: ReadyRequest[] = []
  const sentRows: RequestRow[] = []
  const lowWater = Math.max(2, Math.ceil(start.slots / 2))
  let asked = 0
  let exhausted = false
  let inFlight = 0
  let going = false
  let finished = false

  const ask = (): void => {
    const missing = Math.min(free.length + lowWater, start.slots + 2) - stock.length - asked
    if (exhausted || missing <= 0) return
    asked += missing
    composer.postMessage({ type: 'need', lane, count: missing })
  }
  const pump = (): void => {
    while (going && free.length > 0 && stock.length > 0) dispatch(stock.shift()!)
    ask()
    if (going && exhausted && inFlight === 0 && stock.length === 0) finish()
  }
  const dispatch = (request: ReadyRequest): void => {
    const slot = free.pop()!
    sentRows.push({ ...request.row, lane })
    tally.sent++
    inFlight++
    Atomics.add(counters, COUNTER.sent, 1)
    Atomics.store(counters, COUNTER.inFlight, inFlight)
    slot.send(request, nowNs(), ok => {
      inFlight--
      Atomics.add(counters, ok ? COUNTER.done : COUNTER.failed, 1)
      Atomics.store(counters, COUNTER.inFlight, inFlight)
      free.push(slot)
      pump()
    })
  }
  const handOver = (): void => {
    log.flush()
    if (sentRows.length > 0)
      writer.postMessage({ type: 'requests', lane, rows: sentRows.splice(0) })
    const row = health.row(tally, inFlight, bytesOut)
    writer.postMessage({ type: 'health', lane, rows: [row] })
  }
  const tick = setInterval(() => {
    const now = nowNs()
    for (const slot of slots) slot.checkDeadline(now, plan)
    handOver()
  }, TICK_MS)

  const finish = (): void => {
    if (finished) return
    finished = true
    const endedNs = nowNs()
    clearInterval(tick)
    handOver()
    health.stop()
    for (const slot of slots) slot.close()
    writer.postMessage({ type: 'end', lane })
    main.postMessage({ type: 'finished', lane, endedNs })
    composer.close()
    main.close()
    writer.close()
  }

  composer.on('message', (message: FromComposer) => {
    if (message.type === 'exhausted') exhausted = true
    else {
      asked -= message.requests.length
      if (!exhausted) stock.push(...message.requests)
    }
    pump()
  })
  main.on('message', (message: ToLane) => {
    if (message.type === 'go') going = true
    else {
      going = true
      exhausted = true
      stock.length = 0
      if (message.type === 'abort') for (const slot of slots) slot.abort()
    }
    pump()
  })
  ask()
  main.postMessage({ type: 'warm', lane, connections })
}
