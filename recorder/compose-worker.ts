import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { composer } from './compose.ts'
import type {
  FromComposer,
  FromComposerToMain,
  MainToComposer,
  ReadyRequest,
  ToComposer,
} from './messages.ts'
import type { Plan } from './plan.ts'
import { yieldToSenders } from './thread-priority.ts'

yieldToSenders()

const { plan, ports } = workerData as { plan: Plan; ports: MessagePort[] }
const { workload, phase } = composer(plan)
let now: { index: number; composer: ReturnType<typeof phase> } | undefined
/** What lanes asked for before the main thread named the phase. */
let early: { lane: number; phase: number; count: number }[] = []

const give = (port: MessagePort, phase: number, requests: ReadyRequest[]): void => {
  if (requests.length === 0) return
  const message: FromComposer = { type: 'ready', phase, requests }
  port.postMessage(
    message,
    requests.map(({ body }) => body.buffer as ArrayBuffer),
  )
}

function start(lane: number, phase: number, count: number): void {
  const requests = now!.composer.start(lane, count)
  give(ports[lane]!, phase, requests)
  if (requests.length < count)
    ports[lane]!.postMessage({ type: 'exhausted', phase } satisfies FromComposer)
}

for (const [lane, port] of ports.entries())
  port.on('message', (message: ToComposer) => {
    const { phase } = message
    if (now?.index !== phase) {
      // The lanes hear of a phase a moment before or after this thread does: of one that is over nobody asks.
      if (message.type === 'need' && phase > (now?.index ?? -1))
        early.push({ lane, phase, count: message.count })
    } else if (message.type === 'need') start(lane, phase, message.count)
    else if (message.type === 'answered')
      give(port, phase, [now.composer.next(message.session, message.body)])
    else now.composer.abandon(message.session)
  })

parentPort!.on('message', (message: MainToComposer) => {
  now = { index: message.index, composer: phase(plan.phases[message.index]!) }
  const waiting = early
  early = []
  for (const { lane, phase: wanted, count } of waiting)
    if (wanted === message.index) start(lane, wanted, count)
})

for (const note of workload.notes)
  parentPort!.postMessage({ type: 'note', note } satisfies FromComposerToMain)
parentPort!.postMessage({
  type: 'dataset',
  kind: workload.kind,
  digest: workload.digest,
} satisfies FromComposerToMain)
