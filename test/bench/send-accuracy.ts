// How late do requests start? node dist/test/bench/send-accuracy.js [--seconds 5] [--rounds 5]
// A prototype of a pacer: a thread that sleeps in Atomics.wait until the absolute due time and wakes
// the sender by Atomics.notify (the sender waits with Atomics.waitAsync) or by a message, beside one
// setTimeout on absolute due times. Due times are a Poisson process. No request is sent.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { benchFlags } from './rounds.ts'
import { machine } from './table.ts'

const nowNs = (): number => Number(process.hrtime.bigint())
type Shared = { cell: SharedArrayBuffer; dues: Float64Array }

/** Timers of the kernel are late by tens of µs: the thread is woken so much before, and spins. */
const EARLY_NS = 60_000

if (!isMainThread) {
  const { cell, dues, byMessage } = workerData as Shared & { byMessage: boolean }
  const released = new Int32Array(cell)
  const napping = new Int32Array(new SharedArrayBuffer(4))
  for (let i = 0; i < dues.length; i++) {
    const waitNs = dues[i]! - nowNs() - EARLY_NS
    if (waitNs > 0) Atomics.wait(napping, 0, 0, waitNs / 1e6)
    while (nowNs() < dues[i]!);
    Atomics.store(released, 0, i + 1)
    if (byMessage) parentPort!.postMessage(null)
    else Atomics.notify(released, 0)
  }
}

async function main(): Promise<void> {
  const { rounds, seconds } = benchFlags('')
  console.log(`${machine()}; medians of ${rounds} rounds of ${seconds} s`)
  console.log('method       requests/s  late p50 ms      p99      max  CPU of a core')
  for (const method of ['timer', 'message', 'waitAsync'])
    for (const perSecond of [100, 500, 2000, 5000]) {
      const results: Result[] = []
      for (let round = 0; round < rounds; round++)
        results.push(await paced(method, perSecond, seconds))
      const median = (pick: (result: Result) => number): number =>
        results.map(pick).sort((a, b) => a - b)[results.length >> 1]!
      const ms = (q: number): string =>
        (median(({ lateNs }) => at(lateNs, q)) / 1e6).toFixed(3).padStart(7)
      const cpu = `${(100 * median(result => result.cpu)).toFixed(0)}%`
      console.log(
        `${method.padEnd(12)} ${String(perSecond).padStart(10)}  ${ms(0.5).padStart(11)}  ${ms(0.99)}  ${ms(1)}  ${cpu.padStart(13)}`,
      )
    }
}

type Result = { lateNs: Float64Array; cpu: number }
const at = (sorted: Float64Array, q: number): number => sorted[Math.ceil(q * sorted.length) - 1]!

async function paced(method: string, perSecond: number, seconds: number): Promise<Result> {
  const dues = new Float64Array(perSecond * seconds)
  let dueNs = nowNs() + 300e6
  for (let i = 0; i < dues.length; i++)
    dues[i] = dueNs += (-Math.log(1 - Math.random()) * 1e9) / perSecond
  const lateNs = new Float64Array(dues.length)
  let sent = 0
  const send = (until: number): void => {
    while (sent < until) lateNs[sent] = nowNs() - dues[sent++]!
  }
  const used = process.cpuUsage()
  const startedNs = nowNs()
  if (method === 'timer') await byTimer(dues, send)
  else await byThread(dues, send, method === 'message')
  const { user, system } = process.cpuUsage(used)
  return { lateNs: lateNs.sort(), cpu: ((user + system) * 1e3) / (nowNs() - startedNs) }
}

const byTimer = (dues: Float64Array, send: (until: number) => void): Promise<void> =>
  new Promise(resolve => {
    let next = 0
    const step = (): void => {
      while (next < dues.length && dues[next]! <= nowNs()) next++
      send(next)
      if (next === dues.length) resolve()
      else setTimeout(step, Math.max(0, (dues[next]! - nowNs()) / 1e6))
    }
    step()
  })

/** ES2024: Node 20 has it, the library that we compile against does not name it yet. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(cell: Int32Array, index: number, value: number): { value: Promise<string> | string }
}

async function byThread(
  dues: Float64Array,
  send: (until: number) => void,
  byMessage: boolean,
): Promise<void> {
  const cell = new SharedArrayBuffer(4)
  const released = new Int32Array(cell)
  const shared: Shared = { cell, dues }
  const pacer = new Worker(new URL(import.meta.url), { workerData: { ...shared, byMessage } })
  if (byMessage)
    await new Promise<void>(resolve => {
      pacer.on('message', () => {
        send(Atomics.load(released, 0))
        if (Atomics.load(released, 0) === dues.length) resolve()
      })
    })
  else
    for (let seen = 0; seen < dues.length; ) {
      const { value } = waitAsync(released, 0, seen)
      if (value instanceof Promise) await value
      seen = Atomics.load(released, 0)
      send(seen)
    }
  await pacer.terminate()
}

if (isMainThread) await main()
