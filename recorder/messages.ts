import type { RequestRow } from '../schemas/tables.ts'
import type { EventBuffers } from './event-log.ts'
import { type CancelReason, FAILURE_CODES } from './failure.ts'
import type { Pulse } from './health.ts'
import type { Plan } from './plan.ts'

/** A request whose body is ready to be sent. */
export type ReadyRequest = {
  row: Omit<RequestRow, 'lane'>
  /** Path and query. */
  path: string
  /** The body's bytes; the lane sends them unchanged. */
  body: Uint8Array
  /** Which of the plan's URLs. */
  urlIndex: number
  session: number
  turn: number
  /** Whether it is its session's last turn. */
  last: boolean
  /** When it is due, ns since the phase began; null: when a slot is free, or see `everyNs`. */
  dueNs: number | null
  /** A later turn is due so long after its predecessor was; null: see `afterNs`. */
  everyNs: number | null
  /** A later turn is due so long after its predecessor's answer. */
  afterNs: number
  /** It is given up so long after it was fully sent; null: never. */
  cancelAfterNs: number | null
}

/** What a lane needs to start. Everything in it survives structured cloning. */
export type LaneStart = {
  /** Its number over all shards. */
  lane: number
  /** Its row of `counters`. */
  counterRow: number
  plan: Plan
  runId: string
  zeroNs: bigint
  /** Connections to open before the clock starts. */
  connections: number
  counters: SharedArrayBuffer
  /** How many requests each phase may still send. */
  budgets: Int32Array
}

/** What the writer needs to start, beside its ports. */
export type WriterStart = {
  tape: string
  /** The number of the first lane: those of a shard follow those of the shards before it. */
  firstLane: number
  counters: SharedArrayBuffer
  /** How often the disk is waited for; 0 is never. */
  fsyncMs: number
  keep: 'raw' | 'timing'
  /** Values that must not reach the disk. */
  secrets: string[]
}

/**
 * What lanes and composer tell each other names its phase: a composer that is behind may speak of one that is
 * over, and is not heard.
 */
export type ToComposer =
  | { type: 'need'; phase: number; count: number }
  /** A turn is over and its session goes on; `body` is the answer, where the history needs it. */
  | { type: 'answered'; phase: number; session: number; body: Uint8Array }
  | { type: 'abandoned'; phase: number; session: number }
/** What the main thread tells the composer. */
export type MainToComposer = { type: 'phase'; index: number }
export type FromComposer =
  | { type: 'ready'; phase: number; requests: ReadyRequest[] }
  /** The phase has no further session. */
  | { type: 'exhausted'; phase: number }

export type FromComposerToMain =
  | { type: 'note'; note: string }
  | { type: 'dataset'; kind: string; digest: string }

export type ToLane =
  /** Gets the first bodies of a phase made, before its clock starts. */
  | { type: 'prepare'; index: number }
  | { type: 'phase'; index: number; startNs: number }
  /** No further requests; those in flight go on. */
  | { type: 'stop' }
  /** No further requests, and those in flight are given up for this reason. */
  | { type: 'abort'; reason: CancelReason }
  /** No phase follows: hand over what there is. Heard from the first instant, also while connections are opened. */
  | { type: 'end' }
export type FromLane =
  | { type: 'note'; note: string }
  | { type: 'warm'; lane: number; connections: number }
  | { type: 'prepared'; lane: number }
  | { type: 'phase-over'; lane: number; endedNs: number }
  | { type: 'ended'; lane: number }

export type ToWriter =
  | { type: 'events'; lane: number; set: EventBuffers }
  | { type: 'requests'; lane: number; rows: RequestRow[] }
  | { type: 'health'; lane: number; pulse: Pulse }
  | { type: 'end'; lane: number }
export type FromWriter =
  | { type: 'closed'; lane: number }
  | { type: 'failed'; path: string; reason: string; code: string }

/** Counters that a thread publishes for the progress line, by position in shared memory. */
export const COUNTER = {
  sent: 0,
  done: 1,
  failed: 2,
  inFlight: 3,
  messages: 4,
  /** Answers that have begun, and the sums of their times to the first read and of lateness, µs, modulo 2^32. */
  firstReads: 5,
  firstReadUs: 6,
  lateUs: 7,
  /** One more for each kind of failure, from here on. */
  failures: 8,
} as const
/** What a failed request is counted as: an answer with a wrong status or type, or none at all. */
export const FAILURE_KINDS = ['http_error', 'not_a_stream', ...FAILURE_CODES] as const
export type FailureKind = (typeof FAILURE_KINDS)[number]
export const COUNTERS = COUNTER.failures + FAILURE_KINDS.length
