import { scheduleOf } from './load-modes/fixed-schedule.ts'
import type { LoadFlags } from './load-options.ts'
import type { Plan } from './plan.ts'
import type { Workload } from './workloads/workload.ts'

const OTHER_MODES = [
  ['--request-rate', 'requestRate'],
  ['--request-rate-series', 'requestRateSeries'],
  ['--user-centric-rate', 'userCentricRate'],
] as const

/** What a fixed schedule comes to, for people: said before anything is sent. */
export function scheduleNotes(plan: Plan, workload: Workload, flags: LoadFlags): string[] {
  const { mode } = plan.phases.at(-1)!.load
  if (mode.kind !== 'fixed-schedule') return []
  const schedule = scheduleOf(mode, workload)
  const [first, last] = [schedule[0]?.dueNs ?? 0, schedule.at(-1)?.dueNs ?? 0]
  const spanS = (last - first) / 1e9
  const count = schedule.length.toLocaleString('en-US')
  const rate = spanS > 0 ? `, ${((schedule.length - 1) / spanS).toPrecision(4)}/s on average` : ''
  const unused = OTHER_MODES.find(([, key]) => flags[key] !== undefined)
  return [
    `schedule: ${count} sessions begin over ${spanS.toFixed(3)} s${rate}`,
    ...(unused
      ? [`${unused[0]} is not used, since the file has times: --no-fixed-schedule sends by it`]
      : []),
  ]
}
