import type { ReadyRequest } from './messages.ts'
import type { Plan } from './plan.ts'
import { openSlot, type Slot, type SlotParts } from './slot.ts'

/** Connections opened at once before the clock starts. */
const WARM_AT_ONCE = 64
/** The longest that a timer can wait: one of more fires at once. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * The lane's connections, by URL: opened as they are needed, kept and used again.
 *
 * `pooled` takes any that is free, `sticky-user-sessions` keeps one for a session, `never` opens a new one
 * for each request.
 */
export function slotsOf(
  plan: Pick<Plan, 'urls' | 'connectionReuse' | 'connectTimeoutNs'>,
  parts: Omit<SlotParts, 'url'>,
) {
  const urls = plan.urls.map(text => new URL(text))
  const free: Slot[][] = urls.map(() => [])
  const all: Slot[] = []
  const sticky = plan.connectionReuse === 'sticky-user-sessions'
  /** Slots that wait for the next turn of a session. */
  const held = new Map<number, { slot: Slot; urlIndex: number }>()
  /** Slots that are being opened ahead. */
  const opening = new Set<Slot>()
  let mayWarm = true
  const open = (urlIndex: number): Slot => {
    const slot = openSlot({ ...parts, url: urls[urlIndex]! })
    all.push(slot)
    return slot
  }
  const stopWarming = (): void => {
    mayWarm = false
    for (const slot of opening) slot.hangUp()
  }
  const warmOne = async (urlIndex: number): Promise<boolean> => {
    const slot = open(urlIndex)
    free[urlIndex]!.push(slot)
    opening.add(slot)
    const opened = await slot.warm()
    opening.delete(slot)
    return opened
  }
  return {
    /** Opens connections ahead, within the time that connecting may take; resolves with how many could be. */
    async warm(connections: number): Promise<number> {
      const { connectTimeoutNs } = plan
      const deadline =
        connectTimeoutNs > 0
          ? setTimeout(stopWarming, Math.min(connectTimeoutNs / 1e6, LONGEST_MS))
          : undefined
      let warmed = 0
      for (let at = 0; at < connections && mayWarm; at += WARM_AT_ONCE) {
        const nOpening = Math.min(WARM_AT_ONCE, connections - at)
        const some = Array.from({ length: nOpening }, (_, i) => warmOne((at + i) % urls.length))
        const opened = (await Promise.all(some)).filter(Boolean).length
        warmed += opened
        // Nobody listens: the requests will say so.
        if (opened === 0) break
      }
      clearTimeout(deadline)
      return warmed
    },
    /** Gives up the connections that are being opened ahead. */
    stopWarming,
    take({ urlIndex, session }: Pick<ReadyRequest, 'urlIndex' | 'session'>): Slot {
      const mine = held.get(session)
      if (mine) {
        held.delete(session)
        return mine.slot
      }
      return free[urlIndex]!.pop() ?? open(urlIndex)
    },
    /** Its request is over; a sticky slot waits for its session where that goes on. */
    giveBack(
      slot: Slot,
      { urlIndex, session }: Pick<ReadyRequest, 'urlIndex' | 'session'>,
      goesOn: boolean,
    ): void {
      if (plan.connectionReuse === 'never') slot.hangUp()
      if (sticky && goesOn) held.set(session, { slot, urlIndex })
      else free[urlIndex]!.push(slot)
    },
    /** No session of a phase outlives it. */
    releaseAll(): void {
      for (const { slot, urlIndex } of held.values()) free[urlIndex]!.push(slot)
      held.clear()
    },
    close(): void {
      for (const slot of all) slot.close()
    },
  }
}
