import { UserError } from './errors.ts'

/**
 * Nanoseconds since the run's monotonic zero.
 *
 * A plain number: whole nanoseconds stay exact below 2^53, which is 104 days of run.
 * At the file boundary it becomes INT64.
 */
export type Ns = number & { readonly unit: 'ns' }

/** A whole number of nanoseconds. */
export const ns = (n: number): Ns => Math.round(n) as Ns
/** Milliseconds as nanoseconds. */
export const ms = (n: number): Ns => Math.round(n * 1e6) as Ns
/** Seconds as nanoseconds. */
export const seconds = (n: number): Ns => Math.round(n * 1e9) as Ns

const NS_PER: Record<string, number> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

/**
 * Reads a duration written with its unit: `200ms`, `1.5s`, `2m`.
 *
 * @param text  a number above or equal to 0 and one of ns, us, ms, s, m, h
 * @param flag  the flag it came from, for the message
 * @throws UserError for a bare number or anything else
 */
export function parseDuration(text: string, flag: string): Ns {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)$/.exec(text.trim())
  if (!match)
    throw new UserError(
      `${flag}: "${text}" is not a duration`,
      `write a number and its unit, for example ${flag} 500ms or ${flag} 1.5s`,
    )
  return ns(Number(match[1]) * NS_PER[match[2]!]!)
}

/** Elapsed time for people: `850 ms`, `12.3 s`, `4 m 05 s`. */
export function formatElapsed(elapsed: Ns): string {
  if (elapsed < 1e9) return `${Math.round(elapsed / 1e6)} ms`
  if (elapsed < 60e9) return `${(elapsed / 1e9).toFixed(1)} s`
  const wholeSeconds = Math.round(elapsed / 1e9)
  return `${Math.floor(wholeSeconds / 60)} m ${String(wholeSeconds % 60).padStart(2, '0')} s`
}
