import type { HealthRow } from '../schemas/tables.ts'

/** CPU time of the whole process since the last call, and its memory now: asked in the writer's thread. */
export function processTimes(): () => Pick<HealthRow, 'cpu_process_ns' | 'rss_bytes'> {
  let before = process.cpuUsage()
  return () => {
    const now = process.cpuUsage()
    const usedUs = now.user + now.system - before.user - before.system
    before = now
    return { cpu_process_ns: usedUs * 1000, rss_bytes: process.memoryUsage.rss() }
  }
}
