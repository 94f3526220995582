import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { composer } from './compose.ts'
import type { FromComposer, FromComposerToMain, ToComposer } from './messages.ts'
import type { Plan } from './plan.ts'
import { yieldToSenders } from './thread-priority.ts'

yieldToSenders()

const { plan, ports } = workerData as { plan: Plan; ports: MessagePort[] }
const { note, compose } = composer(plan)
const total = plan.requestCount
let next = plan.shard.index
let stopped = false

// Lanes ask; requests are numbered in the order of asking, so the stop is exact whatever the lanes' speed.
for (const port of ports)
  port.on('message', (message: ToComposer) => {
    if (message.type === 'stop') stopped = true
    else answer(port, message.count)
  })

function answer(port: MessagePort, count: number): void {
  for (let i = 0; i < count; i++) {
    if (stopped || next >= total) {
      port.postMessage({ type: 'exhausted' } satisfies FromComposer)
      return
    }
    const request = compose(next)
    next += plan.shard.of
    const message: FromComposer = { type: 'ready', requests: [request] }
    port.postMessage(message, [request.body.buffer as ArrayBuffer])
  }
}

parentPort!.on('message', (message: ToComposer) => {
  if (message.type === 'stop') stopped = true
})
if (note) parentPort!.postMessage({ type: 'note', note } satisfies FromComposerToMain)
