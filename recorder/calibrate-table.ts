import type { Calibration, CalibrationLevel, Spread } from '../schemas/calibration.ts'

/** Below this share of the asked load the machine fell short. */
const OFFERED = 0.95
/** Sender threads that wait longer for a core are not alone on the machine. */
const WAITING = 0.05

const ms = (ns: number): string => {
  const value = ns / 1e6
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}
const spread = ({ p50, p99, max }: Spread): string =>
  [ms(p50), ms(p99), ms(max)].map(text => text.padStart(5)).join(' ')

const COLUMNS: [name: string, width: number, cell: (level: CalibrationLevel) => string][] = [
  ['streams × tok/s', 15, level => `${level.streams} × ${level.tokens_per_second}`],
  ['events/s', 9, level => Math.round(level.events_per_second).toLocaleString('en-US')],
  ['arrival delay ms', 18, level => spread(level.arrival_delay_ns)],
  ['TTFT error ms', 18, level => spread(level.ttft_error_ns)],
  ['gap error ms', 18, level => spread(level.gap_error_ns)],
  ['CPU ns/event', 12, level => level.cpu_ns_per_event.toLocaleString('en-US')],
  ['lost', 5, level => String(level.lost)],
]

export const tableHead = (): string =>
  `${COLUMNS.map(([name, width]) => name.padStart(width)).join('  ')}\n${COLUMNS.map(
    ([name, width]) => (name.endsWith(' ms') ? '  p50   p99   max' : '').padStart(width),
  ).join('  ')}\n`

/** One load as a line, with what is to be said against it below. */
export function tableLine(level: CalibrationLevel): string {
  const line = COLUMNS.map(([, width, cell]) => cell(level).padStart(width)).join('  ')
  const percent = (ratio: number): string => `${Math.round(100 * ratio)}%`
  const notes: string[] = []
  if (level.offered_ratio < OFFERED)
    notes.push(`only ${percent(level.offered_ratio)} of this load was offered`)
  if (level.run_queue_wait_ratio > WAITING)
    notes.push(`senders waited ${percent(level.run_queue_wait_ratio)} of the time for a core`)
  if (level.lost > 0) notes.push(`${level.lost} tokens are not on the tape`)
  return `${line}\n${notes.map(note => `    ${note}\n`).join('')}`
}

/** What the ladder comes to. */
export const tableFoot = ({ holds }: Calibration): string =>
  holds
    .map(({ below_ms, events_per_second }) => {
      const load =
        events_per_second === null
          ? 'no load of this ladder'
          : `up to ${Math.round(events_per_second).toLocaleString('en-US')} events/s`
      return `p99 error below ${below_ms} ms: ${load}\n`
    })
    .join('')
