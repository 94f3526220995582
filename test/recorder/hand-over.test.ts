import { once } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { KIND } from '../../recorder/event-log.ts'
import { handOver } from '../../recorder/hand-over.ts'
import { newTally } from '../../recorder/health.ts'
import { ns } from '../../schemas/units.ts'

/** A writer that takes its time over each batch, and keeps the request ids that it got. */
const SLOW_WRITER = `
  const { workerData, parentPort } = require('node:worker_threads')
  const ids = []
  workerData.on('message', message => {
    if (message.type === 'end') return parentPort.postMessage(ids)
    const { set } = message
    for (let row = 0; row < set.length; row++) ids.push(set.requestId[row])
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    set.length = 0
    set.nBytes = 0
    workerData.postMessage(set)
  })`

test('a disk that cannot keep up stops the lane, loses nothing, and is on the tape', async () => {
  const { port1, port2 } = new MessageChannel()
  const writer = new Worker(SLOW_WRITER, {
    eval: true,
    workerData: port2,
    transferList: [port2 as MessagePort],
  })
  const tally = newTally()
  const startedMs = performance.now()
  const { log } = handOver(0, port1, () => (performance.now() - startedMs) * 1e6, tally, 4)
  const rows = 20 * 4096
  for (let id = 0; id < rows; id++) log.event(id, KIND.read, ns(id), 0, 0)
  log.flush()
  port1.postMessage({ type: 'end' })
  const [ids] = await once(writer, 'message')
  expect(ids).toEqual([...Array(rows).keys()])
  expect(tally.writerWaitNs).toBeGreaterThan(0)
  port1.close()
  await writer.terminate()
})
