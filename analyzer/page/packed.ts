/** How frames travel in a page: this as JSON, with its length before it, then the columns' bytes in order. */
export type Packed = {
  facts: unknown
  frames: { [name: string]: { n: number; columns: PackedColumn[] } }
}

export type PackedColumn = { name: string; bytes: number } & ColumnKind

export type ColumnKind =
  | { kind: 'words'; words: string[] }
  | { kind: 'scaled'; scale: number; delta: boolean }
  | { kind: 'doubles' }

/** What a page knows beside its frames. */
export type PageFacts = {
  runs: {
    label: string
    durationNs: number
    nSent: number
    nScheduled: number
    nCompleted: number
  }[]
  metrics: { [name: string]: { name: string; title: string; shown: string; divisor: number } }
  /** Of each figure and metric, the frames that it is drawn from: its names and those they are packed under. */
  drawn: { [key: string]: { [name: string]: string } }
  /** The tapes and flags that a command names, quoted for a shell. */
  tapes: string
  flags: string
}

/** What the page of `explore` knows from the start. */
export type ExploreFacts = {
  runs: { id: string; label: string }[]
  metrics: {
    name: string
    title: string
    shown: string
    divisor: number
    grain: 'request' | 'token' | 'time' | 'run'
    /** How its percentiles are taken. */
    method: string
    /** Whether requests or tokens have values of it, so that it can be drawn. */
    drawn: boolean
    /** Whether the summary has it. */
    main: boolean
  }[]
  /** By column of request_metrics, how far the values of what sliders limit go. */
  reach: { [column: string]: { p95: number; p99: number; most: number } }
  /** Successful requests per second of the fastest run. */
  ratePerSec: number
  /** GPUs that served each run. */
  gpus: number
  /** The tapes and flags that a command names, quoted for a shell. */
  tapes: string
  /** What the console completes. */
  words: string[]
  /** From the first send to the last thing of the longest run, s. */
  spanS: number
}
