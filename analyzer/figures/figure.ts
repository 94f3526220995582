import type { EChartsCoreOption } from 'echarts/core'
import type { Frame } from './frame.ts'
import type { Theme } from './theme.ts'

/** A metric as figures need it. */
export type FigureMetric = {
  name: string
  title: string
  /** The unit that its values are shown in. */
  shown: string
  /** What a value is divided by to be in that unit. */
  divisor: number
}

/** What a figure asks of the database. */
export type Question = {
  metric: FigureMetric
  /** How wide a slice of time is, ns. */
  widthNs: number
  /** Requests that an arrival roll shows of each run. */
  nMost: number
  /** Whether requests are more than a screen has dots for: then cells of them are drawn. */
  dense: boolean
  /** Whether samples are more than quantiles are taken of while somebody waits: then bins of 0.1 % are. */
  binned?: boolean
  /** GPUs that served each run. */
  gpus: number
}

/** What a figure is drawn for. */
export type Context = {
  /** In the order of their colours; those not shown are left out. */
  runs: { label: string; shown: boolean }[]
  metric: FigureMetric
  theme: Theme
  /** Pixels across. */
  width: number
}

/** The temporary table of a metric's bins, which who asks with `binned` makes. */
export const binsOf = ({ name }: { name: string }): string => `_bins_${name}`

/** One figure: what it asks, and how the answer is drawn. Pure, so that Node and the page draw the same. */
export type Figure = {
  title(metric: FigureMetric): string
  /** What is to be seen in it: its caption. */
  caption: string
  /** Whether it is of one metric, which may be chosen. */
  perMetric: boolean
  /** How high it is, in pixels. */
  height(context: Context): number
  /** Statements that its query needs first. */
  prepare?: string[]
  /** By name, the queries whose rows are its frames. `run_id` becomes `run`, the run's place in the list. */
  frames(question: Question): { [name: string]: string }
  /** The drawing, as a chart of ECharts. */
  option(frames: { [name: string]: Frame }, context: Context): EChartsCoreOption
}
