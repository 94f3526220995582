import { createRequire } from 'node:module'
import { availableParallelism, cpus, loadavg, release } from 'node:os'
import type { CalibrationLevel } from '../../schemas/calibration.ts'

export type Row = CalibrationLevel

export const machine = (): string =>
  `Node ${process.version}, undici ${createRequire(import.meta.url)('undici/package.json').version}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown'}, Linux ${release()}, load ${loadavg()[0]!.toFixed(2)}`

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Each figure is the median over the rounds of that figure. */
export function medianRow(rows: Row[]): Row {
  const of = (pick: (row: Row) => number): number => median(rows.map(pick))
  const spread = (
    name:
      | 'arrival_delay_ns'
      | 'ttft_error_ns'
      | 'gap_error_ns'
      | 'send_delay_ns'
      | 'server_late_ns'
      | 'start_ttft_error_ns',
  ) => ({
    p50: of(row => row[name].p50),
    p99: of(row => row[name].p99),
    max: of(row => row[name].max),
  })
  return {
    ...rows[0]!,
    events_per_second: of(row => row.events_per_second),
    offered_ratio: of(row => row.offered_ratio),
    lost: Math.max(...rows.map(({ lost }) => lost)),
    arrival_delay_ns: spread('arrival_delay_ns'),
    ttft_error_ns: spread('ttft_error_ns'),
    gap_error_ns: spread('gap_error_ns'),
    send_delay_ns: spread('send_delay_ns'),
    start_ttft_error_ns: spread('start_ttft_error_ns'),
    server_late_ns: spread('server_late_ns'),
    cpu_ns_per_event: of(row => row.cpu_ns_per_event),
    lane_cpu_ns_per_event: of(row => row.lane_cpu_ns_per_event),
    run_queue_wait_ratio: of(row => row.run_queue_wait_ratio),
    reads_multi_ratio: of(row => row.reads_multi_ratio),
  }
}

const ms = (ns: number): string => (ns / 1e6).toFixed(ns >= 1e7 ? 1 : 3)

/** A line for each; CPU also as a ratio to the row named `base`. */
export function printTable(rows: (readonly [string, Row])[], base: string): void {
  const baseCpu = rows.find(([name]) => name === base)?.[1].cpu_ns_per_event
  // biome-ignore format: a column a line
  const columns: [string, number, (row: Row) => string][] = [
    ['CPU ns/event', 12, row => row.cpu_ns_per_event.toLocaleString('en-US')],
    [`x ${base}`, 10, row => baseCpu ? (row.cpu_ns_per_event / baseCpu).toFixed(2) : '-'],
    ['lane ns/event', 13, row => row.lane_cpu_ns_per_event.toLocaleString('en-US')],
    ['delay p50 ms', 12, row => ms(row.arrival_delay_ns.p50)],
    ['p99', 7, row => ms(row.arrival_delay_ns.p99)],
    ['max', 7, row => ms(row.arrival_delay_ns.max)],
    ['TTFT err p50', 12, row => ms(row.ttft_error_ns.p50)],
    ['p99', 7, row => ms(row.ttft_error_ns.p99)],
    ['server late p99', 15, row => ms(row.server_late_ns.p99)],
    ['offered', 7, row => `${Math.round(100 * row.offered_ratio)}%`],
    ['multi', 6, row => `${(100 * row.reads_multi_ratio).toFixed(1)}%`],
    ['waiting', 7, row => `${(100 * row.run_queue_wait_ratio).toFixed(1)}%`],
    ['lost', 4, row => String(row.lost)],
  ]
  console.log(`${''.padEnd(22)}${columns.map(([name, width]) => name.padStart(width)).join('  ')}`)
  for (const [name, row] of rows)
    console.log(
      `${name.padEnd(22)}${columns.map(([, width, cell]) => cell(row).padStart(width)).join('  ')}`,
    )
}
