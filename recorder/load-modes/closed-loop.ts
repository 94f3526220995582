import { afterAnswer, type LoadMode } from './load-mode.ts'

/** A closed loop: a session begins as soon as one ends, so none is due at a time of its own. */
export const closedLoop = (): LoadMode => ({
  session: index => ({ dueNs: null, place: index, turnsDone: 0 }),
  turn: afterAnswer,
})
