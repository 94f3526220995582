import type { Turn, Workload } from '../workloads/workload.ts'

/**
 * A load mode: when is session `index` due, and is there another.
 *
 * Pure: it reads no clock, sets no timer and knows no stop condition, so its test is a table. Times are
 * nanoseconds since the phase began, ascending, and absolute: a late send moves none of them.
 */
export type LoadMode = {
  /** Sessions are counted from 0 in the order in which they are due; undefined: there is none, and none after it. */
  session(index: number): SessionStart | undefined
  /** When a later turn of a session is due. */
  turn(turn: Pick<Turn, 'timestampMs' | 'delayMs'>): TurnDue
}

export type SessionStart = {
  /** ns since the phase began; null: as soon as a slot is free. */
  dueNs: number | null
  /** Which of the workload's sessions. */
  place: number
  /** Turns that lie behind it when the phase begins: it goes on with the next. */
  turnsDone: number
}

/** The first of these that is not null says when; a turn is never due before its predecessor's answer. */
export type TurnDue = {
  /** At this instant, ns since the phase began. */
  dueNs: number | null
  /** So long after its predecessor was due, ns. */
  everyNs: number | null
  /** So long after its predecessor's answer, ns. */
  afterNs: number
}

/** A later turn of most modes: its own delay after the answer before it. */
export const afterAnswer: LoadMode['turn'] = ({ delayMs }) => ({
  dueNs: null,
  everyNs: null,
  afterNs: delayMs * 1e6,
})

/** The parameters of each load mode. */
export type LoadModePlan =
  | { kind: 'closed-loop' }
  | {
      kind: 'open-loop'
      /** Sessions per second over time, as corners. */
      rate: RateProfile
      arrivalPattern: 'constant' | 'poisson' | 'gamma'
      /** Shape of the gamma distribution: 1 is poisson, larger is steadier. */
      arrivalSmoothness: number
    }
  | {
      kind: 'fixed-schedule'
      /** The dataset's first timestamp becomes 0. */
      autoOffset: boolean
      /** Rows before are left out, and this becomes 0, ms; inclusive. */
      startOffsetMs: number | null
      /** Rows after are left out, ms; inclusive. */
      endOffsetMs: number | null
      /** Divides all times. */
      speedup: number
    }
  /** Users who each send a turn every `users / ratePerS` seconds. */
  | { kind: 'user-centric'; ratePerS: number; users: number }

export type ModeOf<Kind extends LoadModePlan['kind']> = Extract<LoadModePlan, { kind: Kind }>

/** What a mode may ask about what is sent, and where its random numbers come from. */
export type ModeParts = { workload: Workload; seed: number; phase: string }

/** Piecewise-linear rate: at `atNs` it is `perS`; constant before the first corner and after the last. */
export type RateProfile = { atNs: number; perS: number }[]

/** The load of a phase: how sessions arrive, what holds them back, and what ends it. */
export type LoadPlan = {
  mode: LoadModePlan
  /** Sessions in flight at most; null is no bound. */
  concurrency: number | null
  /** Requests before their first token at most; null is no bound. */
  prefillConcurrency: number | null
  /** The concurrency grows from 1 to its value over this time. */
  concurrencyRampNs: number
  /** The same for the prefill concurrency. */
  prefillRampNs: number
  /** The first to be reached ends the phase. */
  stop: { requests: number | null; sessions: number | null; durationNs: number | null }
  /** After the duration, answers are waited for so long; Infinity is for ever. */
  graceNs: number
}

/** Whether sessions are due at times of their own, instead of when a slot is free. */
export const isOpen = ({ mode }: Pick<LoadPlan, 'mode'>): boolean => mode.kind !== 'closed-loop'
