import { closedLoop } from './closed-loop.ts'
import { fixedSchedule } from './fixed-schedule.ts'
import type { LoadMode, LoadModePlan, ModeParts } from './load-mode.ts'
import { openLoop } from './open-loop.ts'
import { userCentric } from './user-centric.ts'

/** The load mode that a plan names. */
export function loadModeOf(plan: LoadModePlan, parts: ModeParts): LoadMode {
  switch (plan.kind) {
    case 'closed-loop':
      return closedLoop()
    case 'open-loop':
      return openLoop(plan, parts)
    case 'fixed-schedule':
      return fixedSchedule(plan, parts)
    case 'user-centric':
      return userCentric(plan, parts)
  }
}
