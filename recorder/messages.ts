import type { HealthRow, RequestRow } from '../schemas/tables.ts'
import type { EventBuffers } from './event-log.ts'
import type { Plan } from './plan.ts'

/** A request whose body is ready to be sent. */
export type ReadyRequest = {
  row: Omit<RequestRow, 'lane'>
  /** Path and query. */
  path: string
  /** The body's bytes; the lane sends them unchanged. */
  body: Uint8Array
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
  /** Requests that this lane may have in flight. */
  slots: number
  counters: SharedArrayBuffer
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

export type ToComposer = { type: 'need'; lane: number; count: number } | { type: 'stop' }
export type FromComposer = { type: 'ready'; requests: ReadyRequest[] } | { type: 'exhausted' }

export type FromComposerToMain = { type: 'note'; note: string }

export type ToLane = { type: 'go' } | { type: 'stop' } | { type: 'abort' }
export type FromLane =
  | { type: 'warm'; lane: number; connections: number }
  | { type: 'finished'; lane: number; endedNs: number }

export type ToWriter =
  | { type: 'events'; lane: number; set: EventBuffers }
  | { type: 'requests'; lane: number; rows: RequestRow[] }
  | { type: 'health'; lane: number; rows: HealthRow[] }
  | { type: 'end'; lane: number }
export type FromWriter =
  | { type: 'closed'; lane: number }
  | { type: 'failed'; path: string; reason: string; code: string }

/** Counters that a thread publishes for the progress line, by position in shared memory. */
export const COUNTER = { sent: 0, done: 1, failed: 2, inFlight: 3, messages: 4 } as const
export const COUNTERS = Object.keys(COUNTER).length
