import { UserError } from '../../schemas/errors.ts'
import type { Session } from './workload.ts'
import type { WorkloadPlan } from './workload-plan.ts'

export type Limited = {
  size: number
  notes: string[]
  session(entry: number): Session
  /** Which of the sessions given session `i` of those kept is. */
  entry(i: number): number
}

/**
 * Stops conversations before they are longer than `--max-context-length`, answers included. Without the
 * option nothing is counted beforehand.
 *
 * @param placeOf  where a session begins, for messages
 * @throws UserError when even the first turn is too long, unless bad rows are left out
 */
export function withinContext(
  { maxContextTokens, skipBadRows }: WorkloadPlan,
  size: number,
  session: (entry: number) => Session,
  placeOf: (entry: number) => string,
): Limited {
  if (maxContextTokens === null) return { size, notes: [], session, entry: i => i }
  const kept: number[] = []
  const nTurns: number[] = []
  let nStopped = 0
  for (let entry = 0; entry < size; entry++) {
    const whole = session(entry)
    const n = turnsWithin(whole, maxContextTokens)
    if (n === 0 && !skipBadRows)
      throw new UserError(
        `${placeOf(entry)}: expected at most ${maxContextTokens} tokens (--max-context-length), found ${firstTokens(whole)}`,
        'raise --max-context-length, or leave such rows out with --skip-bad-rows',
      )
    if (n === 0) continue
    if (n < whole.turns.length) nStopped++
    kept.push(entry)
    nTurns.push(n)
  }
  if (kept.length === 0)
    throw new UserError(
      `--max-context-length: no session of the file fits into ${maxContextTokens} tokens`,
      'raise it',
    )
  const notes: string[] = []
  const most = `${maxContextTokens} tokens (--max-context-length)`
  if (kept.length < size)
    notes.push(`${size - kept.length} of ${size} sessions were left out: longer than ${most}`)
  if (nStopped > 0) notes.push(`${nStopped} conversations stop early, before they exceed ${most}`)
  return {
    size: kept.length,
    notes,
    entry: i => kept[i]!,
    session: i => {
      const whole = session(kept[i]!)
      return { ...whole, turns: whole.turns.slice(0, nTurns[i]!) }
    },
  }
}

/** Leading turns whose history, answers at their limit, fits. */
export function turnsWithin({ systemTokens, turns }: Session, maxTokens: number): number {
  let history = systemTokens
  for (const [i, turn] of turns.entries()) {
    const tokens = (turn.inputTokens ?? 0) + (turn.outputTokens ?? 0)
    const isWhole = turn.messages !== null || turn.payload !== null
    history = isWhole ? tokens : history + tokens
    if (history > maxTokens) return i
  }
  return turns.length
}

const firstTokens = ({ systemTokens, turns }: Session): number =>
  systemTokens + (turns[0]!.inputTokens ?? 0) + (turns[0]!.outputTokens ?? 0)
