import type { Workload } from '../workloads/workload.ts'
import { afterAnswer, type LoadMode, type ModeOf } from './load-mode.ts'

/** Sessions and later turns are due when the dataset says. */
export function fixedSchedule(
  plan: ModeOf<'fixed-schedule'>,
  { workload }: { workload: Pick<Workload, 'size' | 'timestampMs'> },
): LoadMode {
  const schedule = scheduleOf(plan, workload)
  return {
    session(index) {
      const due = schedule[index]
      return due && { dueNs: due.dueNs, place: due.index, turnsDone: 0 }
    },
    turn(turn) {
      const { timestampMs } = turn
      const dueNs = timestampMs === null ? null : schedule.dueNsOf(timestampMs)
      return { ...afterAnswer(turn), dueNs }
    },
  }
}

/** The sessions of a dataset that a fixed schedule sends, with their due times, ns since the phase began. */
export function scheduleOf(
  fixed: Omit<ModeOf<'fixed-schedule'>, 'kind'>,
  workload: Pick<Workload, 'size' | 'timestampMs'>,
) {
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
