import type { Scheduler } from './scheduler.ts'
import type { timingOf } from './timing.ts'

/** Sends what is due at this instant, ns. */
export type Emit = (dueNs: number) => void

/** When an answer's messages are due. */
export type Pace = {
  /** Calls `emit` when the first message is due. */
  first(emit: Emit): void
  /** Calls it when the message after the one of `dueNs` is due. */
  next(dueNs: number, emit: Emit): void
  /** Calls it once, when message number `nMessages` is due: for an answer that comes whole. */
  last(nMessages: number, emit: Emit): void
  /** The answer ended early: nothing more is due. */
  cancel(): void
}

/** Times drawn for each request, from the instant at which it was taken. */
export const drawnPace = (
  scheduler: Scheduler,
  timing: ReturnType<typeof timingOf>,
  startNs: number,
): Pace => ({
  first: emit => scheduler.at(timing.first(startNs), emit),
  next: (dueNs, emit) => scheduler.at(timing.next(dueNs), emit),
  last: (nMessages, emit) => {
    let lastNs = timing.first(startNs)
    for (let i = 1; i < nMessages; i++) lastNs = timing.next(lastNs)
    scheduler.at(lastNs, emit)
  },
  cancel: () => {},
})
