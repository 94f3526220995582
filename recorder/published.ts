import type { Tally } from './health.ts'
import { COUNTER, COUNTERS, FAILURE_KINDS, type FailureKind } from './messages.ts'

/** A lane's row of the counters that the main thread reads for the progress line. */
export function published(counters: SharedArrayBuffer, row: number) {
  const cells = new Int32Array(counters, row * COUNTERS * 4, COUNTERS)
  const add = (counter: number, n: number): void => void Atomics.add(cells, counter, n)
  return {
    sent(): void {
      add(COUNTER.sent, 1)
      add(COUNTER.inFlight, 1)
    },
    over(failure: FailureKind | null): void {
      add(COUNTER.inFlight, -1)
      add(failure === null ? COUNTER.done : COUNTER.failed, 1)
      if (failure !== null) add(COUNTER.failures + FAILURE_KINDS.indexOf(failure), 1)
    },
    inFlight: (): number => Atomics.load(cells, COUNTER.inFlight),
    /** Adds the sums of the tally, and begins them anew. */
    sums(tally: Tally): void {
      add(COUNTER.firstReads, tally.firstReads)
      add(COUNTER.firstReadUs, Math.round(tally.firstReadNs / 1e3) | 0)
      add(COUNTER.lateUs, Math.round(tally.lateNs / 1e3) | 0)
      tally.firstReads = 0
      tally.firstReadNs = 0
      tally.lateNs = 0
    },
  }
}
