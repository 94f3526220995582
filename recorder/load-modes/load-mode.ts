/**
 * An open loop answers when each session is due; a closed loop answers nothing and sends when it may.
 *
 * Pure: it reads no clock and sets no timer, so its test is a table. Times are nanoseconds since
 * the phase began, ascending, computed beforehand and absolute: a late send moves none of them.
 */
export type Arrivals = {
  /** When session `index` is due, ns. */
  dueNs(index: number): number
}

/** How sessions arrive in a phase. */
export type LoadPlan = {
  /** Sessions in flight at most; null is no bound. */
  concurrency: number | null
  /** Requests before their first token at most; null is no bound. */
  prefillConcurrency: number | null
  /** The concurrency grows from 1 to its value over this time. */
  concurrencyRampNs: number
  /** The same for the prefill concurrency. */
  prefillRampNs: number
  /** Sessions per second over time, as corners; null is a closed loop. */
  rate: RateProfile | null
  arrivalPattern: 'constant' | 'poisson' | 'gamma'
  /** Shape of the gamma distribution: 1 is poisson, larger is steadier. */
  arrivalSmoothness: number
  /** Sessions are due when the dataset says; null where it does not count. */
  fixedSchedule: FixedSchedule | null
  /** Users who each send a turn every `users / ratePerS` seconds; null is no such load. */
  userCentric: { ratePerS: number; users: number } | null
  /** The first to be reached ends the phase. */
  stop: { requests: number | null; sessions: number | null; durationNs: number | null }
  /** After the duration, answers are waited for so long; Infinity is for ever. */
  graceNs: number
}

/** Piecewise-linear rate: at `atNs` it is `perS`; constant before the first corner and after the last. */
export type RateProfile = { atNs: number; perS: number }[]

export type FixedSchedule = {
  /** The dataset's first timestamp becomes 0. */
  autoOffset: boolean
  /** Rows before are left out, and this becomes 0, ms; inclusive. */
  startOffsetMs: number | null
  /** Rows after are left out, ms; inclusive. */
  endOffsetMs: number | null
  /** Divides all times. */
  speedup: number
}
