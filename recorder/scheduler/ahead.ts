import type { LoadPlan } from '../load-modes/load-mode.ts'
import { peakRate } from '../load-modes/rate-profile.ts'

/** Sessions that are asked for in one message. */
const ASK_AT_ONCE = 16

/**
 * Sessions that a closed loop holds ready beside those in flight: enough that a free slot never waits,
 * few, so that no lane is left with work at the end when another has none.
 */
export const aheadOf = (slots: number): number => 2 + Math.ceil(slots / 8)

/** Sessions that an open loop holds ready: half a second of its highest rate. */
export function openAheadOf({ mode }: LoadPlan, share: (bound: number) => number): number {
  const perS =
    mode.kind === 'open-loop'
      ? peakRate(mode.rate)
      : mode.kind === 'user-centric'
        ? mode.ratePerS
        : 0
  return Math.max(64, Math.ceil(share(Math.ceil(perS)) / 2))
}

/**
 * How many sessions to ask for now, 0 for none yet.
 *
 * What arrives at once is taken in at once, and nothing is sent meanwhile: so few at a time, and not one by
 * one, since each message costs too.
 *
 * @param have  sessions that are there, those asked for, and slots that nothing is in flight in
 */
export function askFor(
  open: boolean,
  ahead: number,
  have: { free: number; stock: number; asked: number },
): number {
  const { free, stock, asked } = have
  const missing = (open ? ahead : free + ahead) - stock - asked
  if (missing <= 0) return 0
  if (open) {
    if ((missing < ASK_AT_ONCE || asked > 0) && stock > ahead / 4) return 0
    return Math.min(missing, ASK_AT_ONCE)
  }
  return missing < Math.min(ASK_AT_ONCE, ahead / 4) && stock > ahead / 2 ? 0 : missing
}
