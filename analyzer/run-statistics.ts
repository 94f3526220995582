import { statisticOfRow } from './check-gates.ts'
import type { MetricSubject } from './gate.ts'
import type { Tapes } from './open-tapes.ts'
import { percentileFloor } from './percentile-floor.ts'
import { quoted } from './quoted.ts'
import type { Row } from './rows.ts'

/** A statistic of a metric, one value a run. */
export type RunStatistic = {
  subject: MetricSubject
  /** In the unit that the metric is stored in, in the order of the runs asked for; empty where one of them has none. */
  values: number[]
  /** The fewest samples of a run; null for what is one value a run. */
  n: number | null
  /** How many of the runs have none. */
  nMissing: number
  /** Why nothing can be said of it, though there are runs. */
  why?: string
}

/** Statistics of each of some runs, in the order in which they were asked for. */
export async function runStatistics(
  tapes: Tapes,
  subjects: readonly MetricSubject[],
  runIds: readonly string[],
): Promise<RunStatistic[]> {
  const found = new Map<MetricSubject, RunStatistic>()
  for (const name of new Set(subjects.map(({ metric }) => metric.name))) {
    const ofMetric = subjects.filter(({ metric }) => metric.name === name)
    const summaries = await summariesOf(tapes, ofMetric)
    for (const subject of ofMetric)
      found.set(subject, statisticOf(tapes, subject, summaries, runIds))
  }
  return subjects.map(subject => found.get(subject)!)
}

/** What runs have of a metric: a row of summary each, and the percentiles in it. */
type Summaries = { byRun: Map<string, Row>; percents: number[] }

async function summariesOf(tapes: Tapes, subjects: MetricSubject[]): Promise<Summaries> {
  const { metric } = subjects[0]!
  const asked = subjects.flatMap(({ statistic }) =>
    typeof statistic === 'object' ? [statistic.percent] : [],
  )
  const percents = asked.length > 0 ? asked : [50]
  await tapes.query(`set variable quantiles = [${percents.map(quantileOf).join(', ')}]`)
  const rows = await tapes.query(
    `from summary(${quoted(metric.name)}, method := ${quoted(metric.percentiles)})`,
  )
  return { byRun: new Map(rows.map(row => [String(row['run_id']), row])), percents }
}

/** 99.9 is 0.999 and not a little more. */
const quantileOf = (percent: number): number => Number((percent / 100).toPrecision(12))

function statisticOf(
  tapes: Tapes,
  subject: MetricSubject,
  { byRun, percents }: Summaries,
  runIds: readonly string[],
): RunStatistic {
  const { metric, statistic } = subject
  const values = runIds.map(runId => {
    const row = byRun.get(runId)
    return row ? statisticOfRow(row, statistic, percents) : null
  })
  const missing = runIds.filter((_, i) => values[i] === null)
  if (missing.length > 0) {
    const why = `${tapesOf(tapes, missing).join(', ')} has no ${metric.name}`
    return { subject, values: [], n: 0, nMissing: missing.length, why }
  }
  const known = { subject, values: values as number[], nMissing: 0 }
  if (statistic === undefined) return { ...known, n: null }
  const n = Math.min(...runIds.map(runId => Number(byRun.get(runId)!['n'])))
  const floor = typeof statistic === 'object' ? percentileFloor(statistic.percent) : 1
  if (n >= floor) return { ...known, n }
  const percent = (statistic as { percent: number }).percent
  return { ...known, n, why: `too few samples: ${n} in a run, p${percent} needs ${floor}` }
}

/** What people call runs by. */
const tapesOf = (tapes: Tapes, runIds: string[]): string[] =>
  tapes.runs
    .filter(({ manifest }) => runIds.includes(manifest.run_id))
    .map(({ shards }) => shards[0]!.path)
