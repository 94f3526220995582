import type { Workload } from '../workloads/workload.ts'
import type { FixedSchedule } from './load-mode.ts'

/** The sessions of a dataset that a fixed schedule sends, with their due times, ns since the phase began. */
export function scheduleOf(fixed: FixedSchedule, workload: Pick<Workload, 'size' | 'timestampMs'>) {
  const places: { index: number; atMs: number }[] = []
  for (let index = 0; index < (workload.size ?? 0); index++) {
    const atMs = workload.timestampMs(index)
    if (atMs === null) continue
    if (fixed.startOffsetMs !== null && atMs < fixed.startOffsetMs) continue
    if (fixed.endOffsetMs !== null && atMs > fixed.endOffsetMs) continue
    places.push({ index, atMs })
  }
  places.sort((a, b) => a.atMs - b.atMs || a.index - b.index)
  const zeroMs = fixed.startOffsetMs ?? (fixed.autoOffset ? (places[0]?.atMs ?? 0) : 0)
  const dueNsOf = (atMs: number): number => Math.round(((atMs - zeroMs) * 1e6) / fixed.speedup)
  return Object.assign(
    places.map(({ index, atMs }) => ({ index, dueNs: dueNsOf(atMs) })),
    { dueNsOf },
  )
}
