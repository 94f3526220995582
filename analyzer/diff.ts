import { statisticOfRow } from './check-gates.ts'
import type { MetricSubject } from './gate.ts'
import type { Tapes } from './open-tapes.ts'
import { percentileFloor } from './percentile-floor.ts'
import { quoted } from './quoted.ts'
import type { Row } from './rows.ts'
import type { Interval } from './statistics/bootstrap.ts'
import {
  type Change,
  type Comparison,
  compareRuns,
  judgeTogether,
  LEAST_RUNS,
  type Sides,
} from './statistics/compare.ts'
import { pairedStatistics, promptRatios } from './statistics/paired.ts'
import { withinPrompts, withinRuns } from './within-runs.ts'

export type DiffQuestion = {
  base: string[]
  fresh: string[]
  subjects: MetricSubject[]
  gates: MetricSubject[]
  /** Whether both sides replayed the same plan, in the same words. */
  paired: boolean
  tolerance: number
}

/** A statistic of a metric on both sides. */
export type DiffRow = {
  subject: MetricSubject
  gated: boolean
  /** Of each run, in the unit that the metric is stored in. */
  values: Sides
  /** The fewest samples of a run; null for what is one value a run. */
  n: number | null
  /** Prompts that were paired; 0: runs were compared. */
  nPrompts: number
  /** Their statistics, one a run, base first. */
  pairedLogs: number[] | undefined
  comparison: Comparison
  change: Change
  /** The interval of the ratio within the runs, where there are too few of them to compare. */
  within?: Interval
  /** Why nothing can be said, though there are runs. */
  why?: string
}

/** Compares two sets of runs by every statistic asked for. */
export async function diffOf(tapes: Tapes, question: DiffQuestion): Promise<DiffRow[]> {
  const measured: Omit<DiffRow, 'change'>[] = []
  for (const name of new Set(question.subjects.map(({ metric }) => metric.name))) {
    const subjects = question.subjects.filter(({ metric }) => metric.name === name)
    const samples = await samplesOf(tapes, subjects, question)
    for (const subject of subjects) {
      const row = await measure(tapes, subject, samples, question)
      if (row) measured.push(row)
    }
  }
  // Gates first, as they were named.
  const places = new Map(question.subjects.map((subject, i) => [subject, i]))
  measured.sort((a, b) => places.get(a.subject)! - places.get(b.subject)!)
  const judged = (rows: typeof measured): Change[] =>
    judgeTogether(
      rows.map(({ subject, comparison }) => ({
        ...comparison,
        better: subject.metric.better,
        nBase: question.base.length,
        nFresh: question.fresh.length,
      })),
      question.tolerance,
    )
  // What cannot be judged is not looked at, and must not cost the others anything.
  const gated = measured.filter(row => row.gated && row.why === undefined)
  const changes = judged(gated)
  return measured.map(row => {
    const place = gated.indexOf(row)
    return { ...row, change: place >= 0 ? changes[place]! : judged([row])[0]! }
  })
}

/** What runs have of a metric: a row of summary each, the percentiles in it, and the values by prompt. */
type Samples = { byRun: Map<string, Row>; percents: number[]; pairing: number[][] | undefined }

async function samplesOf(
  tapes: Tapes,
  subjects: MetricSubject[],
  { base, fresh, paired }: DiffQuestion,
): Promise<Samples> {
  const { metric } = subjects[0]!
  const asked = subjects.flatMap(({ statistic }) =>
    typeof statistic === 'object' ? [statistic.percent] : [],
  )
  const percents = asked.length > 0 ? asked : [50]
  await tapes.query(`set variable quantiles = [${percents.map(quantileOf).join(', ')}]`)
  const rows = await tapes.query(
    `from summary(${quoted(metric.name)}, method := ${quoted(metric.percentiles)})`,
  )
  return {
    byRun: new Map(rows.map(row => [String(row['run_id']), row])),
    percents,
    pairing:
      paired && metric.grain === 'request'
        ? await pairedValues(tapes, metric.name, [...base, ...fresh])
        : undefined,
  }
}

const quantileOf = (percent: number): number => Number((percent / 100).toPrecision(12))

async function measure(
  tapes: Tapes,
  subject: MetricSubject,
  samples: Samples,
  question: DiffQuestion,
): Promise<Omit<DiffRow, 'change'> | undefined> {
  const { metric, statistic } = subject
  const { byRun, percents } = samples
  const gated = question.gates.includes(subject)
  const percent = typeof statistic === 'object' ? statistic.percent : undefined
  const q = percent === undefined ? undefined : quantileOf(percent)
  const statisticOf = (runId: string): number | null => {
    const row = byRun.get(runId)
    return row ? statisticOfRow(row, statistic, percents) : null
  }
  const all = [...question.base, ...question.fresh]
  const missing = all.filter(runId => statisticOf(runId) === null)
  if (missing.length > 0)
    return gated
      ? unjudged(subject, `${tapesOf(tapes, missing).join(', ')} has no ${metric.name}`)
      : undefined
  const side = (runIds: string[]): number[] => runIds.map(runId => statisticOf(runId)!)
  const values = { base: side(question.base), fresh: side(question.fresh) }
  const n = statistic === undefined ? null : Math.min(...all.map(id => Number(byRun.get(id)!['n'])))
  const floor = percent === undefined ? 1 : percentileFloor(percent)
  const pairing = percent !== undefined || statistic === 'avg' ? samples.pairing : undefined
  const nBase = question.base.length
  const logs = pairing && pairedStatistics(pairing, q)
  const comparison = compareRuns(
    values,
    logs && { base: logs.slice(0, nBase), fresh: logs.slice(nBase) },
  )
  const few = question.fresh.length > 0 && Math.min(nBase, question.fresh.length) < LEAST_RUNS
  const within = few
    ? pairing
      ? withinPrompts(promptRatios(pairing.slice(0, nBase), pairing.slice(nBase), q))
      : await withinRuns(tapes, subject, question)
    : undefined
  return {
    subject,
    gated,
    values,
    n,
    nPrompts: pairing?.[0]?.length ?? 0,
    pairedLogs: logs,
    comparison,
    ...(within ? { within } : {}),
    ...(n !== null && n < floor
      ? { why: `too few samples: ${n} in a run, p${percent} needs ${floor}` }
      : {}),
  }
}

/** What people call runs by. */
const tapesOf = (tapes: Tapes, runIds: string[]): string[] =>
  tapes.runs
    .filter(({ manifest }) => runIds.includes(manifest.run_id))
    .map(({ shards }) => shards[0]!.path)

const unjudged = (subject: MetricSubject, why: string): Omit<DiffRow, 'change'> => ({
  subject,
  gated: true,
  values: { base: [], fresh: [] },
  n: 0,
  nPrompts: 0,
  pairedLogs: undefined,
  comparison: {
    ...{ base: Number.NaN, fresh: Number.NaN, ratio: null, low: null, high: null },
    ...{ p: 1, smallestP: 1, paired: false },
  },
  why,
})

/** The least share of every run's samples that must be of prompts which all runs have. */
const LEAST_PAIRED = 0.9

async function pairedValues(
  tapes: Tapes,
  metric: string,
  runIds: string[],
): Promise<number[][] | undefined> {
  const rows = await tapes.query(`from paired_samples(${quoted(metric)})`)
  const byRun = new Map(rows.map(row => [String(row['run_id']), row]))
  const found = runIds.map(runId => (byRun.get(runId)?.['paired_values'] ?? []) as number[])
  const enough = runIds.every(
    (runId, i) => found[i]!.length >= LEAST_PAIRED * Number(byRun.get(runId)?.['n_samples']),
  )
  return enough && found[0]!.length > 0 ? found : undefined
}
