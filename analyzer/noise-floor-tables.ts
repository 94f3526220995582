import { EXIT } from '../schemas/errors.ts'
import type { JunitCase } from './formats/junit.ts'
import type { Cell } from './formats/tables.ts'
import { subjectName } from './gate.ts'
import { LONGER, type NoiseFloor, type NoiseFloorRow } from './noise-floor.ts'
import { ADVISED_RUNS, LEAST_RUNS } from './statistics/compare.ts'
import type { GateAnswer } from './write-answer.ts'

export type NoiseFloorFacts = { see: number; tolerance: number; notes: string[] }

/** What a setup can and cannot see, from equal runs. */
export function noiseFloorAnswer(floor: NoiseFloor, facts: NoiseFloorFacts): GateAnswer {
  const { rows, unjudged, runsASide } = floor
  const few = runsASide < LEAST_RUNS
  const exitCode = few || unjudged.length > 0 ? EXIT.notValid : EXIT.ok
  const head = few
    ? `NOT JUDGED: ${2 * LEAST_RUNS} equal runs are the least that tell: record as many, better ${2 * ADVISED_RUNS}`
    : unjudged.length > 0
      ? `NOT JUDGED: ${unjudged.map(({ subject, why }) => `${subjectName(subject)}: ${why}`).join(', ')}`
      : sentenceOf(floor, facts)
  return {
    head: [head],
    tables: [
      {
        columns: [
          ...['metric', 'n', 'run to run', 'with longer runs'],
          `seen with ${runsASide} a side`,
          ...[`runs to see ${shareShown(facts.see)}`, 'from', 'to', `of ${LONGER} x as long`],
        ],
        rows: rows.map(row => [
          subjectName(row.subject),
          row.n,
          percent(row.noise.deviation, 2),
          percent(row.noise.betweenRuns, 2),
          few ? null : row.sees === null ? 'no doubling' : seenShown(row.sees),
          ...(few
            ? [null, null, null, null]
            : [row.runs, row.runsLow, row.runsHigh, row.runsOfLonger].map(runsShown)),
        ]),
        notes: [...notesOf(floor), ...facts.notes],
      },
    ],
    cases: [
      ...unjudged.map(({ subject, why }) => caseOf(subjectName(subject), 'error', why)),
      ...rows.map(row =>
        few
          ? caseOf(subjectName(row.subject), 'error', head)
          : caseOf(
              subjectName(row.subject),
              'pass',
              `${shareShown(facts.see)} is seen with ${runsShown(row.runs)} runs a side`,
            ),
      ),
    ],
    json: {
      exit_code: exitCode,
      unjudged: unjudged.map(({ subject, why }) => ({ name: subjectName(subject), why })),
      tolerance: facts.tolerance,
      slow_down_ratio: facts.see,
      runs_a_side: runsASide,
      n_requests: floor.nRequests,
      longer_times: LONGER,
      rows: rows.map(row => ({
        metric: subjectName(row.subject),
        n: row.n,
        run_to_run_ratio: row.noise.deviation,
        run_to_run_low_ratio: row.noise.low,
        run_to_run_high_ratio: row.noise.high,
        between_long_runs_ratio: row.noise.betweenRuns,
        seen_ratio: row.sees,
        runs_to_see: row.runs ?? null,
        runs_to_see_low: row.runsLow ?? null,
        runs_to_see_high: row.runsHigh ?? null,
        runs_to_see_of_longer: row.runsOfLonger ?? null,
        drifts: row.drifts,
      })),
    },
  }
}

/** `to see 10 % of any of them you need 13 runs a side of 1,500 requests`. */
function sentenceOf({ rows, nRequests, nRuns }: NoiseFloor, { see }: NoiseFloorFacts): string {
  const requests = (times: number): string =>
    `${(times * nRequests).toLocaleString('en-US')} requests`
  const needed = most(rows, ({ runs }) => runs)
  const of = needed.row
    ? ` (${subjectName(needed.row.subject)} takes the most; ${nRuns} equal runs leave ${runsShown(needed.row.runsLow)} to ${runsShown(needed.row.runsHigh)} open)`
    : ''
  const longer = most(
    rows.filter(({ runsOfLonger }) => runsOfLonger !== null),
    ({ runsOfLonger }) => runsOfLonger ?? undefined,
  )
  const instead = longer.row ? `, or ${runsShown(longer.runs)} of ${requests(LONGER)}` : ''
  return `to see a slow-down by ${shareShown(see)} of any one of these you need ${runsShown(needed.runs)} runs a side of ${requests(1)}${instead}${of}`
}

/** The row that needs the most runs. */
function most(
  rows: readonly NoiseFloorRow[],
  runsOf: (row: NoiseFloorRow) => number | undefined,
): { row: NoiseFloorRow | undefined; runs: number | undefined } {
  const size = (row: NoiseFloorRow): number => runsOf(row) ?? Number.POSITIVE_INFINITY
  const [row] = [...rows].sort((a, b) => size(b) - size(a))
  return { row, runs: row && runsOf(row) }
}

const notesOf = ({ rows, runsASide }: NoiseFloor): string[] => {
  const drifting = rows.filter(({ drifts }) => drifts).map(({ subject }) => subjectName(subject))
  return [
    'run to run: standard deviation of the statistic over the runs; with longer runs: the part of it that longer runs would leave, from halves of the runs',
    `seen with ${runsASide} a side: the least slow-down that 9 of 10 such comparisons find; all metrics are judged together, and one alone is slower`,
    'from, to: the same if the deviation is as low, or as high, as so few runs leave open (80 % confidence)',
    ...(drifting.length > 0
      ? [
          `${drifting.join(', ')}: runs that follow each other are alike, so that the server drifts: record both sides in turn (--ab), never one after the other`,
        ]
      : []),
  ]
}

const caseOf = (name: string, result: JunitCase['result'], message: string): JunitCase => ({
  suite: 'tokentape diff --noise-floor',
  name,
  result,
  message,
})

const runsShown = (runs: number | null | undefined): Cell =>
  runs === null ? null : (runs ?? 'more than 100')

/** As it was typed. */
const shareShown = (share: number): string => `${Number((100 * share).toPrecision(6))} %`

/** To a tenth, and no less than what was found. */
const seenShown = (share: number): string => shareShown(Math.ceil(1000 * share - 1e-6) / 1000)

const percent = (share: number | null, digits = 0): string | null =>
  share === null ? null : `${(100 * share).toFixed(digits)} %`
