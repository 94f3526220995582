import type { RunPhases } from './scheduler/run-phases.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Hears the signals that ask for a stop, from now on until `end`: the first ends sending, the second everything.
 * A terminal that goes away (SIGHUP) stops a run as SIGTERM does, so that its tape is sealed.
 */
export function onStop(
  phases: Pick<RunPhases, 'interrupt' | 'graceOver'>,
  say: (text: string) => void,
) {
  let grace: NodeJS.Timeout | undefined
  const hear = (): void => {
    const graceNs = phases.interrupt()
    if (graceNs === undefined) {
      say('stopping: ending what is in flight')
      return
    }
    const wait = graceNs === Number.POSITIVE_INFINITY ? 'waiting' : `up to ${graceNs / 1e9} s`
    say(
      `stopping: no further requests, ${wait} for those in flight; press Ctrl-C again to end them now`,
    )
    if (graceNs < Number.POSITIVE_INFINITY)
      grace = setTimeout(phases.graceOver, Math.min(graceNs / 1e6, LONGEST_MS))
  }
  for (const signal of SIGNALS) process.on(signal, hear)
  return {
    end(): void {
      clearTimeout(grace)
      for (const signal of SIGNALS) process.off(signal, hear)
    },
  }
}
