import type { Tapes } from './open-tapes.ts'

/** Something that a run's numbers suffer from. Only an error makes them unfit to judge by. */
export type Check = {
  name: string
  severity: 'error' | 'warning' | 'info'
  /** What is wrong, and how many requests it touches. */
  message: string
  /** What to do. */
  hint: string
  /** How many requests it touches; null where it is about the run as a whole. */
  n_requests: number | null
}

/** Whether a run may be judged by its numbers: a closed set. */
export const VERDICTS = ['valid', 'valid with warnings', 'not valid'] as const
export type Verdict = (typeof VERDICTS)[number]

export type RunVerdict = {
  runId: string
  verdict: Verdict
  /** The worst first. */
  checks: Check[]
}

/**
 * The verdict on each run, in the order in which they were named.
 *
 * Gates that judge a run by its numbers refuse one that is `not valid`, with EXIT.notValid.
 */
export async function verdictOf(tapes: Tapes): Promise<RunVerdict[]> {
  const rows = await tapes.query(
    `from checks order by run_id, array_position(['error', 'warning', 'info'], severity), name`,
  )
  return tapes.runs.map(({ manifest }) => {
    const checks = rows
      .filter(row => row['run_id'] === manifest.run_id)
      .map(({ run_id, ...check }) => check as Check)
    return { runId: manifest.run_id, verdict: verdictFrom(checks), checks }
  })
}

/** What checks add up to. */
export function verdictFrom(checks: readonly { severity: string }[]): Verdict {
  const severities = new Set(checks.map(({ severity }) => severity))
  if (severities.has('error')) return 'not valid'
  return severities.has('warning') ? 'valid with warnings' : 'valid'
}
