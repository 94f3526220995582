import { openSync, readSync } from 'node:fs'
import type { HealthRow } from '../schemas/tables.ts'

/** What a lane's pulse says of its thread and of the process. */
export type ThreadTimes = Pick<
  HealthRow,
  'cpu_lane_ns' | 'cpu_process_ns' | 'run_queue_wait_ns' | 'rss_bytes'
>

/**
 * CPU time, wait for a core, and memory since the last call, for a lane's thread: asked by another
 * thread, since these questions take a millisecond with cold caches, and the lane has reads to stamp.
 *
 * @param thread  the kernel's number of the lane's thread; null: not Linux, the lane's own columns stay 0
 */
export function threadTimes(thread: number | null): () => ThreadTimes {
  const read = schedstatOf(thread)
  let process0 = process.cpuUsage()
  let thread0 = read()
  return () => {
    const whole = process.cpuUsage()
    const lane = read()
    const times = {
      cpu_lane_ns: lane.cpuNs - thread0.cpuNs,
      cpu_process_ns: (whole.user + whole.system - process0.user - process0.system) * 1000,
      run_queue_wait_ns: lane.waitNs - thread0.waitNs,
      rss_bytes: process.memoryUsage.rss(),
    }
    process0 = whole
    thread0 = lane
    return times
  }
}

/** Reads a thread's CPU time and run-queue wait, ns (proc(5), schedstat); the last ones once it has ended. */
function schedstatOf(thread: number | null): () => { cpuNs: number; waitNs: number } {
  let last = { cpuNs: 0, waitNs: 0 }
  let file: number
  try {
    file = openSync(`/proc/self/task/${thread}/schedstat`, 'r')
  } catch {
    // Not Linux, or a kernel without schedstat: host.schedstat says so.
    return () => last
  }
  const text = Buffer.alloc(128)
  return () => {
    try {
      const nBytes = readSync(file, text, 0, text.length, 0)
      const [cpuNs = 0, waitNs = 0] = text.toString('latin1', 0, nBytes).split(' ').map(Number)
      last = { cpuNs, waitNs }
    } catch {
      // ESRCH: the thread has ended between its last pulse and now.
    }
    return last
  }
}
