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

const give = (port: MessagePort, requests: ReadyRequest[]): void => {
  if (requests.length === 0) return
  const message: FromComposer = { type: 'ready', requests }
  port.postMessage(
    message,
    requests.map(({ body }) => body.buffer as ArrayBuffer),
  )
}

function start(lane: number, count: number): void {
  const requests = now!.composer.start(lane, count)
  give(ports[lane]!, requests)
  if (requests.length < count)
    ports[lane]!.postMessage({ type: 'exhausted' } satisfies FromComposer)
}

for (const [lane, port] of ports.entries())
  port.on('message', (message: ToComposer) => {
    if (message.type === 'need') {
      if (now?.index === message.phase) start(lane, message.count)
      else early.push({ lane, phase: message.phase, count: message.count })
    } else if (message.type === 'answered') {
      const { session } = message
      const next = now!.composer.next(session, message.body)
      if (next) give(port, [next])
      else port.postMessage({ type: 'session-over', session } satisfies FromComposer)
    } else now?.composer.abandon(message.session)
  })

parentPort!.on('message', (message: MainToComposer) => {
  now = { index: message.index, composer: phase(plan.phases[message.index]!) }
  const waiting = early
  early = []
  for (const { lane, phase: wanted, count } of waiting)
    if (wanted === message.index) start(lane, count)
})

for (const note of workload.notes)
  parentPort!.postMessage({ type: 'note', note } satisfies FromComposerToMain)
parentPort!.postMessage({
  type: 'dataset',
  kind: workload.kind,
  digest: workload.digest,
} satisfies FromComposerToMain)
