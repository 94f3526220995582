import { Worker } from 'node:worker_threads'

/** The cell that a lane and its pacer share: a turn that grows with each instant set, and the instant. */
export const PACER = { turn: 0, low: 1, high: 2, cells: 3, stop: -1 } as const

/** Wakes a lane at absolute instants, ns since the run's zero, by a thread that sleeps until then. */
export function pacer(zeroNs: bigint, wake: () => void) {
  const cell = new Int32Array(new SharedArrayBuffer(4 * PACER.cells))
  const worker = new Worker(new URL('./pacer-worker.js', import.meta.url), {
    workerData: { cell, zeroNs },
  })
  let turn = 0
  let setNs = Number.NaN
  worker.on('message', (fired: number) => {
    if (fired === turn) setNs = Number.NaN
    wake()
  })
  const publish = (next: number): void => {
    Atomics.store(cell, PACER.turn, next)
    Atomics.notify(cell, PACER.turn)
  }
  return {
    /** Replaces the instant that was set before. */
    at(dueNs: number): void {
      if (dueNs === setNs) return
      setNs = dueNs
      const whole = Math.max(0, Math.round(dueNs))
      Atomics.store(cell, PACER.low, whole | 0)
      Atomics.store(cell, PACER.high, Math.floor(whole / 0x1_0000_0000))
      turn = (turn + 1) & 0x7fffffff
      publish(turn)
    },
    stop(): Promise<number> {
      publish(PACER.stop)
      return worker.terminate()
    },
  }
}
