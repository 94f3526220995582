import type { Tapes } from '../open-tapes.ts'
import type { Run } from '../runs.ts'

export type ExportOptions = {
  /** Width of AIPerf's time slices; without it none are written. */
  sliceNs?: number | undefined
  /** Metrics, by name; without them the format's own. */
  metrics?: string | undefined
  /** Where notes go. */
  err(text: string): void
}

/** Writes tapes in a format that other tools read. */
export type Exporter = {
  /** What it writes, for people. */
  summary: string
  /** `file` or `directory`: what the path names. */
  writes: 'file' | 'directory'
  /** Whether one output holds several runs; else a directory has one of each, and a file takes one run. */
  holdsSeveral: boolean
  /** @param path  a file to write, or a directory that exists */
  write(tapes: Tapes, runs: Run[], path: string, options: ExportOptions): Promise<void>
}
