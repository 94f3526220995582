import { setFlagsFromString } from 'node:v8'
import { MessageChannel, Worker } from 'node:worker_threads'
import {
  COUNTERS,
  type FromComposerToMain,
  type FromLane,
  type FromWriter,
  type LaneStart,
  type MainToComposer,
  type ToLane,
  type WriterStart,
} from './messages.ts'
import { expectedStreams, type Plan } from './plan.ts'
import { secretsOf } from './redact.ts'
import type { LaneOrders } from './scheduler/run-phases.ts'
import { newBudgets } from './scheduler/stop.ts'
import { shareOf } from './share.ts'

/** Young generation of a lane, MB: undici makes a little garbage for each read, and minor GCs stay rare. */
const LANE_YOUNG_MB = 64
/** Of writer and composer: what they make is garbage at once, and a larger one only makes memory rise and fall. */
const OTHERS_YOUNG_MB = 12

/**
 * The lanes' heaps start large, so that their first major collection comes at 256 MB instead of every few
 * seconds at 40, and minor ones come half as often. Other threads' garbage is collected as usual: V8 reads
 * these flags when a thread starts, so they stand only while lanes do. 0 is V8's own choice.
 */
const lanesStart = (begins: boolean): void => {
  setFlagsFromString(`--initial-old-space-size=${begins ? 256 : 0}`)
  setFlagsFromString(`--min-semi-space-size=${begins ? 16 : 0}`)
}

/** What the threads of a run tell the main thread. */
export type ThreadEvents = {
  /** A lane has opened its connections. */
  warm(): void
  /** A lane has the first bodies of the next phase. */
  prepared(): void
  /** A lane has nothing left to do in the phase. */
  phaseOver(endedNs: number): void
  /** All files are closed. */
  closed(): void
  writeFailed(path: string, reason: string, code: string): void
  /** Something the user should know of how requests are made. */
  note(text: string): void
  /** What the requests are made from. */
  dataset(kind: string, digest: string): void
  /** A thread died of a bug or could not start; the error is not the server's. */
  died(error: Error): void
}

/**
 * Starts the threads of a run and joins them: composer → lanes → writer.
 *
 * Requests go from the composer to the lanes and batches from the lanes to the writer over ports
 * of their own; the main thread sees neither.
 */
export function startThreads(
  tape: string,
  plan: Plan,
  run: { runId: string; zeroNs: bigint },
  on: ThreadEvents,
) {
  const lanes = [...Array(plan.lanes).keys()]
  const toComposer = lanes.map(() => new MessageChannel())
  const toWriter = lanes.map(() => new MessageChannel())
  // One row of counters a lane, and one more for the writer.
  const counters = new SharedArrayBuffer((lanes.length + 1) * COUNTERS * 4)
  const budgets = newBudgets(plan.phases, plan.shard)
  const writerCounters = new SharedArrayBuffer(COUNTERS * 4)

  const start = (file: string, workerData: unknown, ports: MessagePort[], youngMb: number) => {
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData,
      transferList: ports as never,
      resourceLimits: { maxYoungGenerationSizeMb: youngMb },
    })
    worker.on('error', on.died)
    return worker
  }
  type MessagePort = MessageChannel['port1']

  const firstLane = plan.shard.index * plan.lanes
  const writerStart: WriterStart = {
    tape,
    firstLane,
    counters: writerCounters,
    fsyncMs: plan.fsyncMs,
    keep: plan.keep,
    secrets: secretsOf(plan),
  }
  let openLanes = plan.lanes
  const writerPorts = toWriter.map(({ port2 }) => port2)
  const writer = start(
    './writer-worker.js',
    { ...writerStart, ports: writerPorts },
    writerPorts,
    OTHERS_YOUNG_MB,
  )
  writer.on('message', (message: FromWriter) => {
    if (message.type === 'closed') {
      if (--openLanes === 0) on.closed()
    } else on.writeFailed(message.path, message.reason, message.code)
  })

  const composerPorts = toComposer.map(({ port2 }) => port2)
  const composer = start(
    './compose-worker.js',
    { plan, ports: composerPorts },
    composerPorts,
    OTHERS_YOUNG_MB,
  )
  composer.on('message', (message: FromComposerToMain) => {
    if (message.type === 'note') on.note(message.note)
    else on.dataset(message.kind, message.digest)
  })

  const senders: Worker[] = []
  /** What the lanes were told before they were there. */
  const toldBefore: ToLane[] = []
  const tell = (message: ToLane): void => {
    if (senders.length < lanes.length) toldBefore.push(message)
    for (const sender of senders) sender.postMessage(message)
  }
  const startLane = (lane: number): void => {
    const ports = [toComposer[lane]!.port1, toWriter[lane]!.port1]
    const laneStart: LaneStart = {
      lane: firstLane + lane,
      counterRow: lane,
      plan,
      ...run,
      connections: shareOf(expectedConnections(plan), firstLane + lane, plan.lanes * plan.shard.of),
      counters,
      budgets,
    }
    const worker = start(
      './lane-worker.js',
      { start: laneStart, composer: ports[0], writer: ports[1] },
      ports,
      LANE_YOUNG_MB,
    )
    worker.on('message', (message: FromLane) => {
      if (message.type === 'note') on.note(message.note)
      else if (message.type === 'warm') on.warm()
      else if (message.type === 'prepared') on.prepared()
      else if (message.type === 'phase-over') on.phaseOver(message.endedNs)
    })
    for (const message of toldBefore) worker.postMessage(message)
    senders.push(worker)
  }
  whenOnline([writer, composer], () => {
    try {
      lanesStart(true)
      for (const lane of lanes) startLane(lane)
      whenOnline(senders, () => lanesStart(false))
    } catch (error) {
      // The ports of a thread that died at its start are gone before its own error is heard.
      on.died(error as Error)
    }
  })

  return {
    orders: {
      prepare(index) {
        composer.postMessage({ type: 'phase', index } satisfies MainToComposer)
        tell({ type: 'prepare', index })
      },
      start: (index, startNs) => tell({ type: 'phase', index, startNs }),
      stop: () => tell({ type: 'stop' }),
      abort: reason => tell({ type: 'abort', reason }),
      end: () => tell({ type: 'end' }),
    } satisfies LaneOrders,
    /** The sum over the lanes of what they publish. */
    counts(): number[] {
      const all = new Int32Array(counters)
      const sums = new Array(COUNTERS).fill(0)
      for (let i = 0; i < all.length; i++) sums[i % COUNTERS] += Atomics.load(all, i)
      const written = new Int32Array(writerCounters)
      for (let i = 0; i < COUNTERS; i++) sums[i] += Atomics.load(written, i)
      return sums
    },
    terminate: () => Promise.all([composer, writer, ...senders].map(worker => worker.terminate())),
  }
}

/** Calls back once, when all of the workers run. */
function whenOnline(workers: Worker[], then: () => void): void {
  let awaited = workers.length
  for (const worker of workers)
    worker.once('online', () => {
      if (--awaited === 0) then()
    })
}

/** Connections worth opening before the clock starts: what will be needed at once, within reason. */
const expectedConnections = (plan: Plan): number =>
  Math.min(4096, Math.ceil(expectedStreams(plan.phases.at(-1)!)))
