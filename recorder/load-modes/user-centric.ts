import type { LoadMode, ModeOf, ModeParts } from './load-mode.ts'

/** A user's place in the load: when it comes in, and how many of its turns are already behind it. */
export type UserStart = { dueNs: number; turnsDone: number }

/**
 * Users who each send a turn every `users / rate` seconds, in a steady state from the first second.
 *
 * `users` of them are there at the beginning, spaced by 1/rate, in the middle of their lives: each has
 * had some turns already (a virtual history), so that users leave and come at a steady pace at once.
 * One whose turns are over is replaced at the time its next turn would have been due.
 *
 * @param turns  turns of a session
 */
export function userStart(
  { ratePerS, users }: ModeOf<'user-centric'>,
  turns: number,
  index: number,
): UserStart {
  const spacingNs = 1e9 / ratePerS
  const turnGapNs = users * spacingNs
  if (index < users) {
    // Ages spread evenly over a life, the oldest first to be replaced.
    const turnsDone = Math.floor((((users - 1 - index) % users) * turns) / users)
    return { dueNs: Math.round(index * spacingNs), turnsDone }
  }
  const place = index % users
  const generation = Math.floor(index / users)
  const first = userStart({ kind: 'user-centric', ratePerS, users }, turns, place)
  const turnsBefore = turns - first.turnsDone + (generation - 1) * turns
  return { dueNs: Math.round(place * spacingNs + turnsBefore * turnGapNs), turnsDone: 0 }
}

/** The same as sessions in the order in which they are due. */
export function userCentric(
  plan: ModeOf<'user-centric'>,
  { workload }: Pick<ModeParts, 'workload'>,
): LoadMode {
  const { users, ratePerS } = plan
  const turns = workload.session(0).turns.length
  const coming = Array.from({ length: users }, (_, place) => ({
    index: place,
    ...userStart(plan, turns, place),
  }))
  const ordered: UserStart[] = []
  const upTo = (index: number): UserStart => {
    while (ordered.length <= index) {
      const next = coming.reduce((least, user) => (user.dueNs < least.dueNs ? user : least))
      ordered.push({ dueNs: next.dueNs, turnsDone: next.turnsDone })
      next.index += users
      Object.assign(next, userStart(plan, turns, next.index))
    }
    return ordered[index]!
  }
  const everyNs = (users / ratePerS) * 1e9
  return {
    session: index => ({ ...upTo(index), place: index }),
    turn: () => ({ dueNs: null, everyNs, afterNs: 0 }),
  }
}
