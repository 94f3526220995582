import type { MetricSubject } from './gate.ts'
import type { Tapes } from './open-tapes.ts'
import { type RunStatistic, runStatistics } from './run-statistics.ts'
import type { Interval } from './statistics/bootstrap.ts'
import {
  type Change,
  type Comparison,
  compareRuns,
  judgeTogether,
  LEAST_RUNS,
  type Sides,
} from './statistics/compare.ts'
import { withinRuns } from './within-runs.ts'

export type DiffQuestion = {
  base: string[]
  fresh: string[]
  subjects: MetricSubject[]
  gates: MetricSubject[]
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
  comparison: Comparison
  change: Change
  /** The interval of the ratio within the runs, where there are too few of them to compare. */
  within?: Interval
  /** Why nothing can be said, though there are runs. */
  why?: string
}

/**
 * Compares two sets of runs by every statistic asked for: what it shows of each, it judges it by.
 *
 * @returns  the rows, and the names of metrics that are left out since they are not gated and some runs lack them
 */
export async function diffOf(
  tapes: Tapes,
  question: DiffQuestion,
): Promise<{ rows: DiffRow[]; leftOut: string[] }> {
  const { base, fresh, gates, tolerance } = question
  const statistics = await runStatistics(tapes, question.subjects, [...base, ...fresh])
  const isLeftOut = ({ subject, values }: RunStatistic): boolean =>
    values.length === 0 && !gates.includes(subject)
  const compared: Omit<DiffRow, 'change'>[] = []
  for (const statistic of statistics)
    if (!isLeftOut(statistic)) compared.push(await comparedOf(tapes, statistic, question))
  const judged = (rows: typeof compared): Change[] =>
    judgeTogether(
      rows.map(({ subject, comparison }) => ({ ...comparison, better: subject.metric.better })),
      tolerance,
    )
  // What cannot be judged is not looked at, and must not cost the others anything.
  const gated = compared.filter(row => row.gated && row.why === undefined)
  const changes = judged(gated)
  return {
    rows: compared.map(row => {
      const place = gated.indexOf(row)
      return { ...row, change: place >= 0 ? changes[place]! : judged([row])[0]! }
    }),
    leftOut: [
      ...new Set(
        statistics
          .filter(row => isLeftOut(row) && row.nMissing < base.length + fresh.length)
          .map(({ subject }) => subject.metric.name),
      ),
    ].sort(),
  }
}

async function comparedOf(
  tapes: Tapes,
  { subject, values: all, n, why }: RunStatistic,
  question: DiffQuestion,
): Promise<Omit<DiffRow, 'change'>> {
  const nBase = question.base.length
  const values = { base: all.slice(0, nBase), fresh: all.slice(nBase) }
  const few = all.length > 0 && Math.min(nBase, question.fresh.length) < LEAST_RUNS
  const within = few ? await withinRuns(tapes, subject, question) : undefined
  return {
    subject,
    gated: question.gates.includes(subject),
    values,
    n,
    comparison: all.length > 0 ? compareRuns(values) : NOTHING_TO_COMPARE,
    ...(within ? { within } : {}),
    ...(why === undefined ? {} : { why }),
  }
}

const NOTHING_TO_COMPARE: Comparison = {
  ...{ base: Number.NaN, fresh: Number.NaN, ratio: null, low: null, high: null },
  ...{ p: 1, smallestP: 1, direction: 0, tested: { base: [], fresh: [] } },
}
