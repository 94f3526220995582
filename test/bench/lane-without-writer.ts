// The recorder's composer and lane with nothing behind them: batches come back unwritten, of which
// only the stamps are kept. A process of its own: node lane-without-writer.js lane URL STREAMS REQUESTS OUT
import { writeFileSync } from 'node:fs'
import { MessageChannel, Worker } from 'node:worker_threads'
import { Command } from 'commander'
import { anchorNow } from '../../recorder/clock.ts'
import { buffersOf, KIND } from '../../recorder/event-log.ts'
import {
  COUNTERS,
  type FromLane,
  type LaneStart,
  type MainToComposer,
  type ToLane,
  type ToWriter,
} from '../../recorder/messages.ts'
import { type PlanFlags, planOf } from '../../recorder/plan.ts'
import { addPlanOptions } from '../../recorder/plan-options.ts'
import { processTimes } from '../../recorder/process-times.ts'
import { newBudgets } from '../../recorder/scheduler/stop.ts'

const [, url = '', streams = '', requests = '', out = ''] = process.argv.slice(2)
let flags: PlanFlags | undefined
// biome-ignore format: one flag and its value beside each other
await addPlanOptions(new Command('record')).action(parsed => { flags = parsed }).parseAsync([
  '--model', 'simulated', '--url', url, '--streaming', '--isl', '32', '--lanes', '1',
  '--concurrency', streams, '--request-count', requests,
], { from: 'user' })
const plan = planOf(flags!, {})

const rows = new Float64Array(3 * 8_000_000)
let length = 0
const pulses: object[] = []
const { zeroNs } = anchorNow()
const composer = new MessageChannel()
const writer = new MessageChannel()
const times = processTimes()

writer.port2.on('message', (message: ToWriter) => {
  if (message.type === 'health') {
    const { pulse } = message
    pulses.push({
      lane: 0,
      atNs: Number(zeroNs) + Number(pulse.at_ns),
      laneCpuNs: pulse.cpu_lane_ns,
      cpuNs: times().cpu_process_ns,
      waitNs: pulse.run_queue_wait_ns,
    })
  }
  if (message.type !== 'events') return
  const { set } = message
  for (let row = 0; row < set.length; row++) {
    const kind = set.kind[row]
    if (kind !== KIND.read && kind !== KIND.sent) continue
    rows[length] = set.requestId[row]!
    rows[length + 1] = Number(zeroNs) + set.at[2 * row]! + set.at[2 * row + 1]! * 0x1_0000_0000
    rows[length + 2] = kind === KIND.sent ? -1 : set.bodyBytes[row]!
    length += 3
  }
  set.length = 0
  set.nBytes = 0
  writer.port2.postMessage(set, buffersOf(set))
})

const start: LaneStart = {
  lane: 0,
  counterRow: 0,
  plan,
  runId: 'bench',
  zeroNs,
  connections: plan.phases[0]!.load.concurrency!,
  counters: new SharedArrayBuffer(2 * COUNTERS * 4),
  budgets: newBudgets(plan.phases, plan.shard),
}
const thread = (file: string, workerData: object, transferList: unknown[]): Worker =>
  new Worker(new URL(`../../recorder/${file}`, import.meta.url), {
    workerData,
    transferList: transferList as never,
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  })
const composing = thread('compose-worker.js', { plan, ports: [composer.port2] }, [composer.port2])
const lane = thread('lane-worker.js', { start, composer: composer.port1, writer: writer.port1 }, [
  composer.port1,
  writer.port1,
])
lane.on('message', (message: FromLane) => {
  if (message.type === 'warm') {
    composing.postMessage({ type: 'phase', index: 0 } satisfies MainToComposer)
    lane.postMessage({ type: 'prepare', index: 0 } satisfies ToLane)
  } else if (message.type === 'prepared') {
    const startNs = Number(process.hrtime.bigint() - zeroNs)
    lane.postMessage({ type: 'phase', index: 0, startNs } satisfies ToLane)
  } else if (message.type === 'phase-over') lane.postMessage({ type: 'end' } satisfies ToLane)
  else
    setTimeout(() => {
      writeFileSync(`${out}.f64`, rows.subarray(0, length))
      writeFileSync(`${out}.json`, JSON.stringify(pulses))
      process.exit(0)
    }, 200)
})
