import type { Arrivals, LoadPlan } from './load-mode.ts'

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
export function userStart(load: LoadPlan, turns: number, index: number): UserStart {
  const { ratePerS, users } = load.userCentric!
  const spacingNs = 1e9 / ratePerS
  const turnGapNs = users * spacingNs
  if (index < users) {
    // Ages spread evenly over a life, the oldest first to be replaced.
    const turnsDone = Math.floor((((users - 1 - index) % users) * turns) / users)
    return { dueNs: Math.round(index * spacingNs), turnsDone }
  }
  const place = index % users
  const generation = Math.floor(index / users)
  const first = userStart(load, turns, place)
  const turnsBefore = turns - first.turnsDone + (generation - 1) * turns
  return { dueNs: Math.round(place * spacingNs + turnsBefore * turnGapNs), turnsDone: 0 }
}

/** The same as arrivals of sessions, in the order in which they are due. */
export function userCentric(
  load: LoadPlan,
  turns: number,
): Arrivals & {
  turnsDone(index: number): number
} {
  const { users } = load.userCentric!
  const coming = Array.from({ length: users }, (_, place) => ({
    index: place,
    ...userStart(load, turns, place),
  }))
  const ordered: UserStart[] = []
  const upTo = (index: number): UserStart => {
    while (ordered.length <= index) {
      const next = coming.reduce((least, user) => (user.dueNs < least.dueNs ? user : least))
      ordered.push({ dueNs: next.dueNs, turnsDone: next.turnsDone })
      next.index += users
      Object.assign(next, userStart(load, turns, next.index))
    }
    return ordered[index]!
  }
  return { dueNs: index => upTo(index).dueNs, turnsDone: index => upTo(index).turnsDone }
}
