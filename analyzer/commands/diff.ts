import { Command } from 'commander'
import { EXIT, UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { askedTheSame, type Difference, differencesOf } from '../comparable.ts'
import { diffOf } from '../diff.ts'
import { type SubjectFlags, subjectsOf } from '../diff-subjects.ts'
import { diffAnswer, diffExit } from '../diff-tables.ts'
import { noiseFloorAnswer } from '../noise-floor-tables.ts'
import type { Tapes } from '../open-tapes.ts'
import { tapesIn } from '../sweep-folder.ts'
import { expandTapes } from '../tape-glob.ts'
import { type RunVerdict, verdictOf } from '../verdict.ts'
import { type TapeFlags, withTapes, withWindowFlags } from '../with-tapes.ts'
import { judging, type WriteFlags, withWriteFlags, writeAnswer } from '../write-answer.ts'
import { parsePercentiles } from './report.ts'

export type DiffFlags = TapeFlags &
  WriteFlags &
  SubjectFlags & {
    base: string[]
    new?: string[]
    tolerance?: number
    force?: boolean
    unpaired?: boolean
    noiseFloor?: boolean
  }

/** `diff --base … --new …`: compares two sets of runs. Ends with 4 when a gated metric got worse, 5 when one cannot be judged. */
export const diffCommand = (io: Io, exit: (code: number) => void): Command =>
  withWindowFlags(
    withWriteFlags(
      new Command('diff')
        .description('compare two sets of runs: a gate for CI')
        .requiredOption(
          '--base <tape...>',
          'the runs to compare with: tapes, a pattern, or a folder',
        )
        .option('--new <tape...>', 'the runs that are compared with them'),
    ),
  )
    .option(
      '--gate <metric.statistic>',
      'what fails when it gets worse, for example ttft.p99; may be given several times (default: the tail of ttft, itl and latency, and output_token_throughput)',
      (text: string, earlier: string[] = []) => [...earlier, text],
    )
    .option('--tolerance <percent>', 'what a change must exceed to fail (default: 3%)', tolerance)
    .option('--percentiles <list>', 'which are shown (default: 50,90,99)', parsePercentiles)
    .option('--all', 'every metric there is')
    .option('--unpaired', 'compare runs as they are, though they replayed the same prompts')
    .option('--force', 'compare what differs in plan, dataset, model, dialect or token source')
    .option('--noise-floor', 'split equal runs of --base: what can such a comparison see?')
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .addHelpText(
      'after',
      `
Runs are compared with runs: a permutation test over their statistics, at least 4 runs a side (record --repeat 5).
Runs of the same plan are paired prompt by prompt. Holm's correction is over what is gated.

Exit codes: 0 nothing gated got worse · 4 something did · 5 not enough runs or samples, or a run is not valid.
`,
    )
    .action((flags: DiffFlags) => judging('diff', flags, () => diff(flags, io, exit)))

/** Compares tapes and prints what came of it. */
export async function diff(flags: DiffFlags, io: Io, exit: (code: number) => void): Promise<void> {
  if ((flags.new === undefined) !== (flags.noiseFloor === true))
    throw new UserError(
      flags.noiseFloor ? '--noise-floor: goes not with --new' : 'diff: no --new',
      flags.noiseFloor
        ? 'it splits the equal runs of --base'
        : "for example diff --base 'base/*.tape' --new 'new/*.tape'",
    )
  const basePaths = tapesIn(expandTapes(flags.base))
  const paths = [...basePaths, ...tapesIn(expandTapes(flags.new ?? []))]
  const { tolerance: allowed = 0.03 } = flags
  await withTapes(paths, flags, io, async tapes => {
    const isBase = (path: string): boolean => basePaths.includes(path)
    const idOf = ({ manifest }: Tapes['runs'][number]): string => manifest.run_id
    const base = tapes.runs.filter(({ shards }) => isBase(shards[0]!.path)).map(idOf)
    const fresh = tapes.runs.filter(({ shards }) => !isBase(shards[0]!.path)).map(idOf)
    const warnings = await refuseInvalid(tapes)
    const differences = await differencesOf(tapes, [...base, ...fresh])
    if (differences.length > 0 && !flags.force) throw refusal(differences)
    const isOnePlan = !differences.some(({ ofPlan }) => ofPlan)
    const isAskedTheSame = askedTheSame(tapes, base, fresh)
    const paired = !flags.unpaired && isOnePlan && isAskedTheSame
    const { subjects, gates, notes } = await subjectsOf(tapes, flags)
    if (!flags.unpaired && isOnePlan && !isAskedTheSame) notes.push(OTHER_WORDS)
    if (gates.length === 0)
      throw new UserError(
        'diff: no run has any of the metrics that are gated',
        'name one: --gate ttft.p50',
        EXIT.notValid,
      )
    for (const { metric } of gates)
      if (metric.better === 'neither')
        throw new UserError(
          `--gate: ${metric.name} is neither better nor worse when it grows`,
          'gate a metric that has a better: tokentape explain METRIC',
        )
    notes.push(
      ...warnings,
      ...differences.map(text => `compared by --force: ${differenceText(text)}`),
    )
    const question = { base, fresh, subjects, gates, paired, tolerance: allowed }
    if (flags.noiseFloor) {
      const rows = await diffOf(tapes, { ...question, subjects: gates })
      const measured = rows.map(row => ({
        ...row,
        values: [...row.values.base],
        paired: row.pairedLogs,
      }))
      const answer = noiseFloorAnswer(measured, allowed, notes)
      writeAnswer(answer, flags, io)
      exit((answer.json as { exit_code: number }).exit_code)
      return
    }
    const rows = await diffOf(tapes, question)
    writeAnswer(diffAnswer(rows, { base, fresh, tolerance: allowed, notes }), flags, io)
    exit(diffExit(rows))
  })
}

const OTHER_WORDS =
  'not paired: both sides had prompts of the same lengths in other words; for pairs record both with one --random-seed and as many runs, or with --ab'

/**
 * @returns  what the runs warn of, each warning once
 * @throws UserError where a run is not valid to judge
 */
async function refuseInvalid(tapes: Tapes): Promise<string[]> {
  const verdicts = await verdictOf(tapes)
  const bad = verdicts.filter(({ verdict }) => verdict === 'not valid')
  if (bad.length === 0) return warningsOf(verdicts)
  const why = bad.map(({ runId, checks }) => {
    const errors = checks.filter(({ severity }) => severity === 'error')
    const { shards } = tapes.runs.find(({ manifest }) => manifest.run_id === runId)!
    return `${shards[0]!.path}: ${errors.map(({ message }) => message).join('; ')}`
  })
  throw new UserError(
    `diff: ${bad.length} of ${tapes.runs.length} runs are not valid to judge: ${why.join(' | ')}`,
    'record them again; tokentape report TAPE says what to do',
    EXIT.notValid,
  )
}

function warningsOf(verdicts: RunVerdict[]): string[] {
  const warned = verdicts.flatMap(({ checks }) =>
    checks.filter(({ severity }) => severity === 'warning').map(({ name }) => name),
  )
  return [...new Set(warned)].map(
    name =>
      `warning [${name}] on ${warned.filter(each => each === name).length} of ${verdicts.length} runs: tokentape report TAPE says what it means`,
  )
}

const differenceText = ({ what, base, fresh }: Difference): string =>
  `${what}: ${base} against ${fresh}`

function refusal(differences: Difference[]): UserError {
  const seed = differences.find(({ what }) => what === 'seed')?.base
  const options = seed === undefined ? 'options' : `options and --random-seed ${seed}`
  return new UserError(
    `diff: the runs are not of one kind: ${differences.map(differenceText).join('; ')}`,
    `record both sides with the same ${options}, or compare all the same with --force`,
  )
}

function tolerance(text: string): number {
  const percent = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim())?.[1]
  if (percent === undefined)
    throw new UserError(`--tolerance: "${text}" is not a percentage`, 'for example --tolerance 3%')
  return Number(`${percent}e-2`)
}
