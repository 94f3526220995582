import type { Table } from './formats/tables.ts'
import type { NamedFinding, RunTrend } from './trends.ts'

/** What changes over a run, one row a finding, as a table for people. */
export function trendTable(trend: RunTrend): Table {
  const { runId, firstNs, findings } = trend
  const since = sinceFirst(firstNs)
  return {
    title: `${runId}: trends`,
    columns: ['what', 'metric', 'effect', 'from', 'to', 'level', 'compared with', 'unit'],
    rows: findings.map(finding => [
      wordsOf(finding),
      finding.name,
      percentText(finding.effect),
      since(finding.fromNs),
      since(finding.toNs),
      finding.level,
      finding.other,
      finding.unit,
    ]),
    notes: trendNotes(trend),
  }
}

const sinceFirst =
  (firstNs: number) =>
  (at: number): string =>
    `${((at - firstNs) / 1e9).toFixed(3)} s`

/** The steady window, and what was not looked at for trends. */
export function trendNotes({ firstNs, findings, looked, left, steady }: RunTrend): string[] {
  const since = sinceFirst(firstNs)
  const reasons = [...new Set(left.map(({ why }) => why))]
  return [
    'why' in steady
      ? `no steady window: ${steady.why}`
      : `steady window: ${since(steady.fromNs)} to ${since(steady.toNs)}; --steady looks only at that`,
    ...(looked.length > 0 && findings.length === 0
      ? [`no trend in ${looked.join(', ')}: no more than noise`]
      : []),
    ...reasons.map(reason => {
      const names = left.filter(({ why }) => why === reason).map(({ name }) => name)
      return `not looked at for trends: ${names.join(', ')}: ${reason}`
    }),
  ]
}

/** `+41 %`. */
const percentText = (effect: number): string =>
  `${effect > 0 ? '+' : '−'}${Math.abs(100 * effect).toFixed(0)} %`

/** What a finding is for people: `degradation (step)`. */
function wordsOf({ kind, worse }: NamedFinding): string {
  if (kind === 'cold start' || kind === 'ramp-up') return kind
  const direction = worse === undefined ? 'change' : worse ? 'degradation' : 'improvement'
  return `${direction} (${kind})`
}

/** The same as a value; instants are ns since the run's zero. */
export const trendJson = ({ runId, findings, looked, left, steady }: RunTrend): object => ({
  run_id: runId,
  findings: findings.map(finding => ({
    kind: finding.kind,
    metric: finding.name,
    unit: finding.unit,
    effect: finding.effect,
    ...(finding.worse === undefined ? {} : { worse: finding.worse }),
    from_ns: finding.fromNs,
    to_ns: finding.toNs,
    level: finding.level,
    compared_with: finding.other,
  })),
  steady: 'why' in steady ? { why: steady.why } : { from_ns: steady.fromNs, to_ns: steady.toNs },
  looked_at: looked,
  not_looked_at: left,
})
