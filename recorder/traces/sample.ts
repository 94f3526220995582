import { randomFor } from '../random.ts'
import type { TraceFile } from './trace-file.ts'
import type { TraceRow } from './trace-row.ts'

export type Sample = {
  /** A share from 0 to 1, or how many sessions. */
  of: { ratio: number } | { sessions: number }
  seed: number
}

/**
 * Some of the sessions, each whole, at their own times: drawn without replacement, the same for the same
 * seed. So many are kept exactly (Knuth, Algorithm S), since their number is known beforehand.
 */
export function* sample(trace: TraceFile, { of, seed }: Sample): Generator<TraceRow> {
  const nSessions = sessionsIn(trace)
  const wanted =
    'sessions' in of ? Math.min(of.sessions, nSessions) : Math.round(of.ratio * nSessions)
  const random = randomFor(seed, 'sample', 0)
  const drawn = new Map<string, boolean>()
  let nSeen = 0
  let nKept = 0
  const draw = (): boolean => {
    const isKept = random() * (nSessions - nSeen++) < wanted - nKept
    if (isKept) nKept++
    return isKept
  }
  for (const row of trace.rows()) {
    const { sessionId } = row
    const isKept = (sessionId === null ? undefined : drawn.get(sessionId)) ?? draw()
    if (sessionId !== null) drawn.set(sessionId, isKept)
    if (isKept) yield row
  }
}

/** Sessions of a trace; a request without one is one. */
export function sessionsIn(trace: TraceFile): number {
  if (trace.nInSessions === 0) return trace.nRequests
  const named = new Set<string>()
  let nAlone = 0
  for (const { sessionId } of trace.rows())
    if (sessionId === null) nAlone++
    else named.add(sessionId)
  return nAlone + named.size
}
