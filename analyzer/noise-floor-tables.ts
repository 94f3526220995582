import { EXIT } from '../schemas/errors.ts'
import type { DiffRow } from './diff.ts'
import type { JunitCase } from './formats/junit.ts'
import type { Cell } from './formats/tables.ts'
import { subjectName } from './gate.ts'
import { LEAST_RUNS } from './statistics/compare.ts'
import { type NoiseFloor, noiseFloor } from './statistics/noise-floor.ts'
import type { GateAnswer } from './write-answer.ts'

/** What a setup can and cannot see, from equal runs. */
export function noiseFloorAnswer(
  rows: readonly (Pick<DiffRow, 'subject' | 'why'> & {
    values: number[]
    paired: number[] | undefined
  })[],
  tolerance: number,
  notes: string[],
): GateAnswer {
  const floors = rows
    .filter(({ values, why }) => why === undefined && values.every(value => value > 0))
    .map(({ subject, values, paired }) => ({
      name: subjectName(subject),
      paired: paired !== undefined,
      ...noiseFloor(values, paired, tolerance),
    }))
  const unjudged = rows
    .filter(({ values, why }) => why !== undefined || values.some(value => value <= 0))
    .map(({ subject, why }) => ({
      name: subjectName(subject),
      why: why ?? 'a run has no value above 0',
    }))
  const few = floors.some(({ runsASide }) => runsASide < LEAST_RUNS)
  const head = few
    ? `NOT JUDGED: equal runs are split into two sides of at least ${LEAST_RUNS}: record ${2 * LEAST_RUNS} of them, better 10`
    : unjudged.length > 0
      ? `NOT JUDGED: ${unjudged.map(({ name, why }) => `${name}: ${why}`).join(', ')}`
      : `noise floor of ${floors[0]!.runsASide} runs a side, each metric gated by itself`
  const exitCode = few || unjudged.length > 0 ? EXIT.notValid : EXIT.ok
  return {
    head: [head],
    tables: [
      {
        columns: [
          'metric',
          'paired',
          'run to run',
          'splits',
          'false alarms',
          'found by half',
          'found by 9 in 10',
        ],
        rows: floors.map(floor => [
          floor.name,
          floor.paired ? 'yes' : 'no',
          percent(floor.deviation, 2),
          ...cells(floor),
        ]),
        notes: [
          'run to run: standard deviation of the statistic over the runs',
          'found: the least slow-down that half, or nine in ten, of the splits show when one side is slowed down by it',
          ...notes,
        ],
      },
    ],
    cases: [
      ...unjudged.map(({ name, why }) => caseOf(name, 'error', why)),
      ...floors.map(floor =>
        few
          ? caseOf(floor.name, 'error', head)
          : caseOf(
              floor.name,
              'pass',
              `a slow-down of ${percent(floor.foundByMost, 0) ?? 'more than 100 %'} is found`,
            ),
      ),
    ],
    json: {
      exit_code: exitCode,
      unjudged,
      tolerance,
      rows: floors.map(floor => ({
        metric: floor.name,
        paired: floor.paired,
        runs_a_side: floor.runsASide,
        run_to_run_ratio: floor.deviation,
        n_splits: floor.nDivisions,
        n_false_alarms: floor.falseAlarms,
        found_by_half_ratio: floor.foundByHalf,
        found_by_nine_in_ten_ratio: floor.foundByMost,
      })),
    },
  }
}

const caseOf = (name: string, result: JunitCase['result'], message: string): JunitCase => ({
  suite: 'tokentape diff --noise-floor',
  name,
  result,
  message,
})

const cells = (floor: NoiseFloor): Cell[] => [
  floor.nDivisions,
  floor.nDivisions === 0 ? null : floor.falseAlarms,
  percent(floor.foundByHalf, 0),
  percent(floor.foundByMost, 0),
]

const percent = (share: number | null, digits: number): string | null =>
  share === null ? null : `${(100 * share).toFixed(digits)} %`
