import type { RunReport } from '../report.ts'

/** What a format is told about the report. */
export type Shape = {
  /** Percentiles for a narrow table, in the order of its columns. */
  columns: number[]
  /** All percentiles that are known, ascending. */
  percentiles: number[]
}

/** A way to print a report. */
export type Format = (runs: RunReport[], shape: Shape) => string
