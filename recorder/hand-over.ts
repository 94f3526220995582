import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { buffersOf, type EventBuffers, type EventLog, eventLog, newBuffers } from './event-log.ts'
import type { Tally } from './health.ts'

/** Sets of buffers that may be on their way to the disk before the lane waits for it: 256 MB. */
const MAX_SETS = 256
/** Sets that are kept for the next round. */
const SPARE_SETS = 8

const napping = new Int32Array(new SharedArrayBuffer(4))

/** The lane's event log, whose full sets travel to the writer and come back. */
export function handOver(
  lane: number,
  writer: MessagePort,
  nowNs: () => number,
  tally: Tally,
  maxSets = MAX_SETS,
): { log: EventLog; bytesOut(): number } {
  const spare: EventBuffers[] = [newBuffers(), newBuffers(), newBuffers()]
  let setsOut = 0
  let bytesOut = 0
  const takeBack = (set: EventBuffers): void => {
    setsOut--
    if (setsOut === 0) bytesOut = 0
    if (spare.length < SPARE_SETS) spare.push(set)
  }
  // The disk cannot keep up: nothing is dropped, the lane stands still and the tape says for how long.
  const waitForWriter = (): void => {
    const sinceNs = nowNs()
    while (setsOut >= maxSets / 2) {
      const message = receiveMessageOnPort(writer)
      if (message) takeBack(message.message as EventBuffers)
      else Atomics.wait(napping, 0, 0, 1)
    }
    tally.writerWaitNs += nowNs() - sinceNs
  }
  writer.on('message', takeBack)
  const log = eventLog(newBuffers(), set => {
    setsOut++
    bytesOut += set.nBytes
    writer.postMessage({ type: 'events', lane, set }, buffersOf(set))
    if (setsOut >= maxSets) waitForWriter()
    return spare.pop() ?? newBuffers()
  })
  return { log, bytesOut: () => bytesOut }
}
