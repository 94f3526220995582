import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reasonOf, UserError } from './errors.ts'

/** A distribution of nanoseconds. */
export type Spread = { p50: number; p99: number; max: number }

/** What the recorder was measured to do at one load, against the instants at which a server wrote. */
export type CalibrationLevel = {
  streams: number
  /** Asked for, of each stream. */
  tokens_per_second: number
  lanes: number
  /** How long was measured, after the warm-up. */
  window_ns: number
  /** Tokens written in the window. */
  events: number
  events_per_second: number
  /** Share of the asked load that the server wrote. */
  offered_ratio: number
  /** Tokens of the whole level that the tape does not have. */
  lost: number
  /** From a token's write to its stamp. */
  arrival_delay_ns: Spread
  /** Recorded minus true time to first token: the way out and the way back. */
  ttft_error_ns: Spread
  /** |recorded − true| of the time between two tokens of a stream. */
  gap_error_ns: Spread
  /** From the `sent` stamp to the request's receipt by the server. */
  send_delay_ns: Spread
  /** The same as ttft_error_ns for the requests of the start, which are all sent at once. */
  start_ttft_error_ns: Spread
  /** The server's own lateness, which is charged to nobody. */
  server_late_ns: Spread
  /** CPU time of the whole recorder, and of its sender threads, for each event. */
  cpu_ns_per_event: number
  lane_cpu_ns_per_event: number
  /** Share of the time that the sender threads were ready to run and got no core. */
  run_queue_wait_ratio: number
  /** Reads that brought more than one token. */
  reads_multi_ratio: number
}

/** `calibration.json`: the recorder's own error on one machine. */
export type Calibration = {
  format: 'tokentape-calibration'
  format_version: 1
  made_at_unix_ms: number
  host: Record<string, unknown>
  quick: boolean
  /** All streams step at the same instants of this period; 0: each at its own. */
  lockstep_ms: number
  levels: CalibrationLevel[]
  /** The highest measured load with the p99 of both errors below a bound; null where none is. */
  holds: { below_ms: number; events_per_second: number | null }[]
}

export const CALIBRATION = 'calibration.json'

/** The greater p99 of the two errors that a report could show, ns. */
export const errorOf = (level: CalibrationLevel): number =>
  Math.max(level.ttft_error_ns.p99, level.gap_error_ns.p99)

/** The calibration that is attached to a tape, if there is one. @throws UserError when it is damaged */
export function calibrationOf(tape: string): Calibration | undefined {
  const path = join(tape, CALIBRATION)
  return existsSync(path) ? readCalibration(path) : undefined
}

/** @throws UserError when the file cannot be read or is no calibration */
export function readCalibration(path: string): Calibration {
  let found: Partial<Calibration> | null
  try {
    found = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw damaged(path, reasonOf(error))
  }
  if (found?.format !== 'tokentape-calibration' || !Array.isArray(found.levels))
    throw damaged(path, 'not a tokentape calibration')
  return found as Calibration
}

const damaged = (path: string, reason: string): UserError =>
  new UserError(`${path}: ${reason}`, 'remove it, or make it anew: tokentape calibrate')

/**
 * The measured level that speaks for a load: the lightest one that is at least as heavy.
 *
 * @returns undefined when the load is heavier than all that was measured
 */
export function levelFor(
  { levels }: Calibration,
  load: { streams: number; eventsPerSecond: number },
): CalibrationLevel | undefined {
  return levels
    .filter(
      level => level.events_per_second >= load.eventsPerSecond && level.streams >= load.streams,
    )
    .sort((a, b) => a.events_per_second - b.events_per_second || a.streams - b.streams)[0]
}
