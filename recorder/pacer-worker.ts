import { parentPort, workerData } from 'node:worker_threads'
import { threadClock } from './clock.ts'
import { PACER } from './pacer.ts'

/** A sleeping thread is woken about this much late: the rest is waited for awake, ms. */
const AWAKE_MS = 0.1

/**
 * Sleeps until the instant in `cell` and says so. A timer of the lane's own loop would be a millisecond
 * late, and spinning in the lane would delay its reads (shared/reference/hot-path.md).
 */
const { cell, zeroNs } = workerData as { cell: Int32Array; zeroNs: bigint }
const nowNs = threadClock(zeroNs)
let fired = 0

for (;;) {
  const turn = Atomics.load(cell, PACER.turn)
  if (turn === PACER.stop) break
  if (turn === fired) {
    Atomics.wait(cell, PACER.turn, turn)
    continue
  }
  const low = Atomics.load(cell, PACER.low) >>> 0
  const dueNs = Atomics.load(cell, PACER.high) * 0x1_0000_0000 + low
  // Written in between: read it again.
  if (Atomics.load(cell, PACER.turn) !== turn) continue
  const waitMs = (dueNs - nowNs()) / 1e6 - AWAKE_MS
  if (waitMs > 0 && Atomics.wait(cell, PACER.turn, turn, waitMs) !== 'timed-out') continue
  while (nowNs() < dueNs && Atomics.load(cell, PACER.turn) === turn);
  if (Atomics.load(cell, PACER.turn) !== turn) continue
  fired = turn
  parentPort!.postMessage(turn)
}
