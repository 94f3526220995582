import { EXIT } from '../schemas/errors.ts'
import type { DiffRow } from './diff.ts'
import type { JunitCase } from './formats/junit.ts'
import { type Cell, shown, TABLE_FORMATS, type Table } from './formats/tables.ts'
import { type MetricSubject, subjectName } from './gate.ts'
import { divisorOf } from './report.ts'
import { ADVISED_RUNS, LEAST_RUNS, LEVEL } from './statistics/compare.ts'
import { smallestP } from './statistics/permutation.ts'
import type { GateAnswer } from './write-answer.ts'

export type DiffFacts = {
  base: string[]
  fresh: string[]
  tolerance: number
  /** What differs though it was compared, and what else is to be known. */
  notes: string[]
}

/** What a comparison came to, for people, a pull request, CI servers and programs. */
export function diffAnswer(rows: readonly DiffRow[], facts: DiffFacts): GateAnswer {
  const gates = rows.filter(({ gated }) => gated)
  const notes = notesOf(rows, facts)
  const single = rows.some(({ within }) => within !== undefined)
  const tables = [tableOf('gated', gates, single), tableOf('all', rows, single)]
  const sentence = sentenceOf(rows)
  return {
    head: [sentence, ...headOf(gates, facts)],
    tables: [tables[0]!, { ...tables[1]!, notes }],
    csv: tables[1]!,
    markdown: markdownOf(sentence, headOf(gates, facts), tables[0]!, { ...tables[1]!, notes }),
    cases: gates.map(caseOf),
    json: {
      exit_code: diffExit(rows),
      base: facts.base,
      new: facts.fresh,
      tolerance: facts.tolerance,
      level: LEVEL,
      notes,
      rows: rows.map(jsonOf),
    },
  }
}

/** 4 where a gated metric got worse, else 5 where one could not be judged. */
export function diffExit(rows: readonly DiffRow[]): number {
  const results = new Set(rows.filter(({ gated }) => gated).map(resultOf))
  if (results.has('fail')) return EXIT.gate
  return results.has('error') ? EXIT.notValid : EXIT.ok
}

function resultOf({ change: { change }, why }: DiffRow): 'pass' | 'fail' | 'error' {
  if (why !== undefined || change === 'not enough runs') return 'error'
  return change === 'worse' ? 'fail' : 'pass'
}

/** What fails, with what of the same metric got better; else what could not be judged; else what got better. */
function sentenceOf(rows: readonly DiffRow[]): string {
  const gates = rows.filter(({ gated }) => gated)
  const of = (wanted: ReturnType<typeof resultOf>): DiffRow[] =>
    gates.filter(row => resultOf(row) === wanted)
  const said = (row: DiffRow): string => `${subjectName(row.subject)} ${changeOf(row)}`
  const failed = of('fail')
  if (failed.length > 0) {
    const names = new Set(failed.map(({ subject }) => subject.metric.name))
    const better = gates.filter(
      ({ subject, change }) => names.has(subject.metric.name) && change.change === 'better',
    )
    const beside = better.length > 0 ? `; while ${better.map(said).join(', ')}` : ''
    return `FAIL: ${failed.map(said).join(', ')}${beside}`
  }
  const open = of('error')
  if (open.length > 0)
    return `NOT JUDGED: ${open.map(row => `${subjectName(row.subject)} ${verdictOf(row)}`).join(', ')}`
  const better = gates.filter(({ change }) => change.change === 'better')
  const gained = better.length > 0 ? `; ${better.map(said).join(', ')}` : ''
  return `PASS: nothing that is gated got worse${gained}`
}

/** `slower by 10.2 % (6.1 to 14.3)`. */
function changeOf(row: DiffRow): string {
  const { ratio, low, high, tested } = row.comparison
  if (ratio === null) {
    const side = (name: 'base' | 'fresh'): string => {
      const values = row.values[name]
      return `${values.filter(value => !Number.isFinite(value)).length} of ${values.length} runs`
    }
    const isInfinite = [...row.values.base, ...row.values.fresh].some(
      value => value === Number.POSITIVE_INFINITY,
    )
    return isInfinite && tested.base.length > 0
      ? `${verdictOf(row)}: infinite in ${side('fresh')}, in ${side('base')} before`
      : verdictOf(row)
  }
  const percent = (value: number): string => (100 * (value - 1)).toFixed(1)
  const interval = low === null || high === null ? '' : ` (${percent(low)} to ${percent(high)})`
  return `${verdictOf(row)}: ${percent(ratio)} %${interval}`
}

/** The verdict in the metric's words: times and rates are slower, all else is worse. */
export function verdictOf({ subject: { metric }, change, why }: DiffRow): string {
  if (why !== undefined) return why
  if (change.tolerated) return 'no difference shown beyond the tolerance'
  if (metric.better === 'neither' && (change.change === 'better' || change.change === 'worse'))
    return 'differs'
  const ofSpeed = metric.unit === 'ns' || metric.unit.includes('/sec')
  if (change.change === 'better') return ofSpeed ? 'faster' : 'better'
  if (change.change === 'worse') return ofSpeed ? 'slower' : 'worse'
  return change.change
}

const headOf = (gates: readonly DiffRow[], { base, fresh, tolerance }: DiffFacts): string[] => {
  const judged = gates.filter(({ why }) => why === undefined).length
  const least = smallestP(base.length, fresh.length)
  const short = Math.min(base.length, fresh.length) < LEAST_RUNS
  return [
    `base: ${runs(base)}; new: ${runs(fresh)}; a change fails when it is significant (5 %, corrected for the ${judged} gated) and larger than ${shown(100 * tolerance)} %`,
    `the smallest p that runs as many as these can reach is ${least.toPrecision(2)}${
      short
        ? `; a verdict takes ${LEAST_RUNS} runs a side at least, better ${ADVISED_RUNS}: record --repeat ${ADVISED_RUNS}`
        : ''
    }`,
  ]
}

const runs = (ids: string[]): string => `${ids.length} run${ids.length === 1 ? '' : 's'}`

const notesOf = (rows: readonly DiffRow[], { notes }: DiffFacts): string[] => [
  rows.some(({ within }) => within)
    ? 'low and high are from within the runs (moving-block bootstrap): they do not cover what differs from run to run'
    : 'base and new are geometric means over the runs, plain means where a run has a value not above 0; low and high hold their ratio at 95 % confidence, from run to run',
  'p of what is not gated is not corrected: of 20 such rows one is below 0.05 by chance',
  ...notes,
]

function tableOf(title: string, rows: readonly DiffRow[], single: boolean): Table {
  return {
    title,
    columns: [
      ...['metric', 'unit', 'base', 'new', 'ratio', 'low', 'high', 'p'],
      ...(title === 'gated' ? ['p corrected'] : []),
      ...['n', 'verdict'],
    ],
    rows: rows.map((row): Cell[] => {
      const { comparison, subject, change, n, within } = row
      const { low, high } = single ? (within ?? { low: null, high: null }) : comparison
      const known = comparison.smallestP < 1
      return [
        subjectName(subject),
        unitOf(subject),
        valueShown(comparison.base, subject),
        valueShown(comparison.fresh, subject),
        ratioShown(comparison.ratio),
        ratioShown(low),
        ratioShown(high),
        known ? pShown(comparison.p) : null,
        ...(title === 'gated' ? [known ? pShown(change.correctedP) : null] : []),
        n,
        verdictOf(row),
      ]
    }),
  }
}

const unitOf = ({ metric, statistic }: MetricSubject): string =>
  statistic === 'n' ? 'samples' : metric.shown
const valueShown = (value: number, { metric, statistic }: MetricSubject): number | null =>
  Number.isNaN(value) ? null : statistic === 'n' ? value : value / divisorOf(metric)
const ratioShown = (ratio: number | null): string | null => ratio?.toFixed(3) ?? null
const pShown = (p: number): string => (p < 0.0001 ? '<0.0001' : p.toFixed(4))

const caseOf = (row: DiffRow): JunitCase => {
  const { subject, comparison } = row
  const value = (side: number): string => shown(valueShown(side, subject))
  return {
    suite: 'tokentape diff',
    name: subjectName(subject),
    result: resultOf(row),
    message: row.why ?? changeOf(row),
    detail: `${row.why ?? changeOf(row)}\nbase ${value(comparison.base)} ${unitOf(subject)}, new ${value(comparison.fresh)} ${unitOf(subject)}, p ${pShown(comparison.p)}, corrected ${pShown(row.change.correctedP)}`,
  }
}

/** For a pull request: the gates in sight, all else behind a fold. */
function markdownOf(sentence: string, head: string[], gates: Table, all: Table): string {
  const markdown = (lines: string[], tables: Table[]): string =>
    TABLE_FORMATS['markdown']!({ head: lines, tables, json: null }).trimEnd()
  const { title: _, ...untitled } = gates
  const { title: __, ...detail } = all
  return [
    markdown([`**tokentape diff** ${sentence}`], [untitled]),
    '<details><summary>all metrics</summary>',
    markdown(head, [detail]),
    '</details>',
    '',
  ].join('\n\n')
}

const jsonOf = (row: DiffRow): object => {
  const { subject, gated, values, n, comparison, change, within, why } = row
  const inUnit = (side: readonly number[]): (number | null)[] =>
    side.map(value => valueShown(value, subject))
  return {
    metric: subject.metric.name,
    statistic: subjectName(subject).slice(subject.metric.name.length + 1) || null,
    unit: unitOf(subject),
    gated,
    base: valueShown(comparison.base, subject),
    new: valueShown(comparison.fresh, subject),
    base_runs: inUnit(values.base),
    new_runs: inUnit(values.fresh),
    n,
    ratio: comparison.ratio,
    ratio_low: comparison.low,
    ratio_high: comparison.high,
    within_run_low: within?.low ?? null,
    within_run_high: within?.high ?? null,
    p: comparison.p,
    corrected_p: gated ? change.correctedP : null,
    smallest_p: comparison.smallestP,
    verdict: verdictOf(row),
    result: gated ? resultOf(row) : null,
    why: why ?? null,
  }
}
