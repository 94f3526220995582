import type { Ns } from '../schemas/units.ts'

/**
 * The run's clock as one thread sees it: whole nanoseconds since the run's monotonic zero.
 *
 * `performance.now()` and `process.hrtime` are both CLOCK_MONOTONIC on Linux, but the former
 * counts from the start of its own thread. The difference is measured once, here, as the midpoint
 * of the narrowest of many brackets: it is good to about 100 ns. `performance.now()` is then read
 * instead of `hrtime.bigint()`, since it makes no BigInt for each read.
 *
 * @param zeroNs  CLOCK_MONOTONIC at the run's zero, ns
 */
export function threadClock(zeroNs: bigint): () => Ns {
  let offsetNs = 0
  let narrowest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 1000; i++) {
    const before = process.hrtime.bigint()
    const nowMs = performance.now()
    const after = process.hrtime.bigint()
    const width = Number(after - before)
    if (width >= narrowest) continue
    narrowest = width
    offsetNs = Number(before - zeroNs) + width / 2 - nowMs * 1e6
  }
  return () => Math.round(performance.now() * 1e6 + offsetNs) as Ns
}

/** The wall clock and the monotonic clock at one instant, which becomes the run's zero. */
export function anchorNow(): { zeroNs: bigint; startedAtUnixNs: bigint } {
  let best = { zeroNs: 0n, startedAtUnixNs: 0n, width: 1n << 62n }
  // Date.now() has whole milliseconds only: performance.timeOrigin + now() carries the fraction.
  for (let i = 0; i < 100; i++) {
    const before = process.hrtime.bigint()
    const unixMs = performance.timeOrigin + performance.now()
    const width = process.hrtime.bigint() - before
    if (width < best.width)
      best = {
        zeroNs: before + width / 2n,
        startedAtUnixNs: BigInt(Math.round(unixMs * 1e3)) * 1000n,
        width,
      }
  }
  return best
}
