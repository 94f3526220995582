import { closeSync, openSync, readSync } from 'node:fs'
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import type { HealthRow } from '../schemas/tables.ts'
import type { Ns } from '../schemas/units.ts'

/** What the lane counts itself between two pulses; reset by every pulse. */
export type Tally = {
  sent: number
  reads: number
  sendLateMaxNs: number
  writerWaitNs: number
  /** Answers that have begun, the sum of their times to the first read, and that of lateness, ns. */
  firstReads: number
  firstReadNs: number
  lateNs: number
  /** Reads with bytes that no request had asked for. */
  unaskedReads: number
}

export const newTally = (): Tally => ({
  sent: 0,
  reads: 0,
  sendLateMaxNs: 0,
  writerWaitNs: 0,
  firstReads: 0,
  firstReadNs: 0,
  lateNs: 0,
  unaskedReads: 0,
})

/**
 * A pulse as the lane knows it. The writer adds what is not of the lane's own thread: asking for it took the
 * lane a millisecond of every 100.
 */
export type Pulse = Omit<HealthRow, 'cpu_process_ns' | 'rss_bytes' | 'reads_multi'>

/**
 * The lane's own pulse. A resolution of 20 ms costs nothing that can be measured; 1 ms does
 * (shared/reference/hot-path.md).
 */
export function pulse(lane: number, nowNs: () => Ns) {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  const gc = { minor: 0, major: 0, other: 0, max: 0 }
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      const spanNs = entry.duration * 1e6
      const { kind } = (entry as unknown as { detail: { kind: number } }).detail
      gc.max = Math.max(gc.max, spanNs)
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR) gc.minor += spanNs
      else if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) gc.major += spanNs
      else gc.other += spanNs
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  delay.enable()
  const times = threadTimes()
  let before = times.read()

  return {
    row(tally: Tally, inFlight: number, bytesBuffered: number): Pulse {
      const now = times.read()
      const row: Pulse = {
        lane,
        at_ns: nowNs(),
        // The histogram counts the timer's own period of 20 ms: what is above it is delay.
        loop_delay_max_ns: Math.max(0, Math.round(delay.max) - 20_000_000),
        loop_delay_p99_ns: Math.max(0, Math.round(delay.percentile(99)) - 20_000_000),
        gc_minor_ns: Math.round(gc.minor),
        gc_major_ns: Math.round(gc.major),
        gc_other_ns: Math.round(gc.other),
        gc_max_ns: Math.round(gc.max),
        cpu_lane_ns: now.cpuNs - before.cpuNs,
        run_queue_wait_ns: now.waitNs - before.waitNs,
        in_flight: inFlight,
        sent: tally.sent,
        send_late_max_ns: tally.sendLateMaxNs,
        reads: tally.reads,
        bytes_buffered: bytesBuffered,
        writer_wait_ns: Math.round(tally.writerWaitNs),
        unasked_reads: tally.unaskedReads,
      }
      before = now
      delay.reset()
      Object.assign(gc, { minor: 0, major: 0, other: 0, max: 0 })
      Object.assign(tally, newTally())
      return row
    },
    stop() {
      delay.disable()
      observer.disconnect()
      times.close()
    },
  }
}

/**
 * CPU time and run-queue wait of the calling thread since it began, ns (proc(5), schedstat). The file stays
 * open: opening it takes twice as long as reading it.
 */
function threadTimes(): { read(): { cpuNs: number; waitNs: number }; close(): void } {
  let file: number
  try {
    file = openSync('/proc/thread-self/schedstat', 'r')
  } catch {
    // Not Linux, or a kernel without schedstat: the columns stay 0 and host.schedstat says so.
    return { read: () => ({ cpuNs: 0, waitNs: 0 }), close: () => {} }
  }
  const text = Buffer.alloc(128)
  return {
    read() {
      const nBytes = readSync(file, text, 0, text.length, 0)
      const [cpuNs = 0, waitNs = 0] = text.toString('latin1', 0, nBytes).split(' ').map(Number)
      return { cpuNs, waitNs }
    },
    close: () => closeSync(file),
  }
}
