import { EXIT } from '../schemas/errors.ts'
import type { Checked } from './check-gates.ts'
import type { JunitCase } from './formats/junit.ts'
import { type Answer, type Cell, shown } from './formats/tables.ts'
import { type Gate, subjectName } from './gate.ts'
import { divisorOf } from './report.ts'
import type { RunVerdict } from './verdict.ts'

const WORDS = { pass: 'pass', fail: 'FAIL', error: 'NOT JUDGED' } as const

/**
 * What checking came to, for people and programs.
 *
 * @param tapeOf  what a run is called by: people know its tape
 */
export function checkAnswer(
  checked: readonly Checked[],
  verdicts: readonly RunVerdict[],
  tapeOf: (runId: string) => string,
): Answer {
  const several = verdicts.length > 1
  const warnings = verdicts.flatMap(({ runId, checks }) =>
    checks
      .filter(({ severity }) => severity === 'warning')
      .map(({ message, name }) => `warning on ${tapeOf(runId)}: ${message} [${name}]`),
  )
  const whys = checked.flatMap(({ gate, runId, why }) =>
    why ? [`${gate.text}${several ? ` on ${tapeOf(runId)}` : ''}: ${why}`] : [],
  )
  return {
    head: [sentence(checked)],
    tables: [
      {
        columns: ['result', ...(several ? ['tape'] : []), 'gate', 'value', 'unit', 'n'],
        rows: checked.map(({ result, runId, gate, value, n }): Cell[] => [
          WORDS[result],
          ...(several ? [tapeOf(runId)] : []),
          gate.text,
          valueShown(value, gate),
          unitOf(gate),
          n,
        ]),
        notes: [...whys, ...warnings],
      },
    ],
    json: {
      exit_code: checkExit(checked),
      gates: checked.map(({ runId, gate, result, value, n, why }) => ({
        run_id: runId,
        tape: tapeOf(runId),
        gate: gate.text,
        subject: subjectName(gate.subject),
        operator: gate.operator,
        limit: valueShown(gate.limit, gate),
        value: valueShown(value, gate),
        unit: unitOf(gate),
        n,
        result,
        why: why ?? null,
      })),
      runs: verdicts.map(({ runId, verdict, checks }) => ({ run_id: runId, verdict, checks })),
    },
  }
}

export const checkCases = (
  checked: readonly Checked[],
  tapeOf: (runId: string) => string,
): JunitCase[] =>
  checked.map(({ runId, gate, result, value, n, why }) => ({
    suite: tapeOf(runId),
    name: gate.text,
    result,
    message:
      why ??
      `${subjectName(gate.subject)} is ${shown(valueShown(value, gate))} ${unitOf(gate)}${n === null ? '' : ` (n = ${n})`}`,
  }))

/** 4 where a gate failed, else 5 where one could not be judged. */
export function checkExit(checked: readonly Checked[]): number {
  const results = new Set(checked.map(({ result }) => result))
  if (results.has('fail')) return EXIT.gate
  return results.has('error') ? EXIT.notValid : EXIT.ok
}

function sentence(checked: readonly Checked[]): string {
  const count = (result: Checked['result']): number =>
    checked.filter(each => each.result === result).length
  return `${checked.length} gates: ${count('pass')} passed, ${count('fail')} failed, ${count('error')} could not be judged`
}

/** In the unit that people read it in. */
function valueShown(value: number | null, { subject }: Gate): number | null {
  if (value === null || subject.kind === 'goodput' || subject.statistic === 'n') return value
  return value / divisorOf(subject.metric)
}

function unitOf({ subject }: Gate): string {
  if (subject.kind === 'goodput') return 'of sent'
  return subject.statistic === 'n' ? 'samples' : subject.metric.shown
}
