import type { ReadyRequest } from './messages.ts'
import type { Plan } from './plan.ts'
import { openSlot, type Slot } from './slot.ts'

type SlotParts = Omit<Parameters<typeof openSlot>[0], 'url'>

/** Connections opened at once before the clock starts. */
const WARM_AT_ONCE = 64

/**
 * The lane's connections, by URL: opened as they are needed, kept and used again.
 *
 * `pooled` takes any that is free, `sticky-user-sessions` keeps one for a session, `never` opens a new one
 * for each request.
 */
export function slotsOf(plan: Plan, parts: SlotParts) {
  const urls = plan.urls.map(text => new URL(text))
  const free: Slot[][] = urls.map(() => [])
  const all: Slot[] = []
  const bySession = new Map<number, Slot>()
  const open = (urlIndex: number): Slot => {
    const slot = openSlot({ ...parts, url: urls[urlIndex]! })
    all.push(slot)
    return slot
  }
  return {
    all: all as readonly Slot[],
    /** Opens connections ahead; resolves with how many could be. */
    async warm(connections: number): Promise<number> {
      let warmed = 0
      for (let at = 0; at < connections; at += WARM_AT_ONCE) {
        const some = Array.from({ length: Math.min(WARM_AT_ONCE, connections - at) }, (_, i) => {
          const urlIndex = (at + i) % urls.length
          const slot = open(urlIndex)
          free[urlIndex]!.push(slot)
          return slot.warm()
        })
        const opened = (await Promise.all(some)).filter(Boolean).length
        warmed += opened
        // Nobody listens: the requests will say so.
        if (opened === 0) break
      }
      return warmed
    },
    take({ urlIndex, session }: ReadyRequest): Slot {
      const mine = bySession.get(session)
      if (mine) return mine
      const slot = free[urlIndex]!.pop() ?? open(urlIndex)
      if (plan.connectionReuse === 'sticky-user-sessions') bySession.set(session, slot)
      return slot
    },
    giveBack(slot: Slot, { urlIndex, session, last }: ReadyRequest): void {
      if (plan.connectionReuse === 'sticky-user-sessions' && !last) return
      bySession.delete(session)
      if (plan.connectionReuse === 'never') slot.hangUp()
      free[urlIndex]!.push(slot)
    },
    close(): void {
      for (const slot of all) slot.close()
    },
  }
}
