import { Command, Option } from 'commander'
import { EXIT, UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import {
  askedTheSame,
  type Difference,
  differencesOf,
  inOrder,
  recordedApart,
} from '../comparable.ts'
import { diffOf } from '../diff.ts'
import { type SubjectFlags, subjectsOf } from '../diff-subjects.ts'
import { diffAnswer, diffExit } from '../diff-tables.ts'
import { noiseFloorOf } from '../noise-floor.ts'
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
    /** The slow-down that is to be seen, a share; true: 10 %. */
    noiseFloor?: number | true
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
      'what fails when it gets worse, for example ttft.p99; may be given several times (default: p50, p95 and p99 of ttft, itl and latency, and output_token_throughput)',
      (text: string, earlier: string[] = []) => [...earlier, text],
    )
    .option(
      '--tolerance <percent>',
      'what a change must exceed to fail (default: 3%)',
      percentOf('--tolerance'),
    )
    .option('--percentiles <list>', 'which are shown (default: 50,90,99)', parsePercentiles)
    .option('--all', 'every metric there is')
    .addOption(new Option('--unpaired').hideHelp())
    .option('--force', 'compare what differs in plan, dataset, model, dialect or token source')
    .option(
      '--noise-floor [percent]',
      'from equal runs of --base: what does it take to see such a slow-down? (default: 10%)',
      percentOf('--noise-floor'),
    )
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .addHelpText(
      'after',
      `
Runs are compared with runs: a permutation test over the statistic that is shown, five runs a side (record --repeat 5; four at
the least). p is corrected for all that is gated together. Record both sides in turn where the server drifts (record --ab).

Exit codes: 0 nothing gated got worse · 4 something did · 5 not enough runs or samples, or a run is not valid.
`,
    )
    .action((flags: DiffFlags) => judging('diff', flags, () => diff(flags, io, exit)))

/** Compares tapes and prints what came of it. */
export async function diff(flags: DiffFlags, io: Io, exit: (code: number) => void): Promise<void> {
  if ((flags.new === undefined) !== (flags.noiseFloor !== undefined))
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
    const { subjects, gates, notes } = await subjectsOf(tapes, flags)
    if (flags.unpaired) notes.push(UNPAIRED)
    if (fresh.length > 0 && isOnePlan && !askedTheSame(tapes, base, fresh)) notes.push(OTHER_WORDS)
    if (recordedApart(tapes, base, fresh)) notes.push(APART)
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
    if (flags.noiseFloor !== undefined) {
      const see = flags.noiseFloor === true ? 0.1 : flags.noiseFloor
      if (see <= allowed)
        throw new UserError(
          `--noise-floor: a change by ${percentText(see)} never fails where ${percentText(allowed)} are tolerated`,
          `ask for more, or lower the tolerance: --tolerance ${percentText(see / 2)}`,
        )
      const asked = { see, tolerance: allowed }
      const floor = await noiseFloorOf(tapes, [...new Set(gates)], inOrder(tapes, base), asked)
      const answer = noiseFloorAnswer(floor, { ...asked, notes })
      writeAnswer(answer, flags, io)
      exit((answer.json as { exit_code: number }).exit_code)
      return
    }
    const question = { base, fresh, subjects, gates, tolerance: allowed }
    const { rows, leftOut } = await diffOf(tapes, question)
    if (leftOut.length > 0)
      notes.push(`left out, since not every run has it: ${leftOut.join(', ')}`)
    writeAnswer(diffAnswer(rows, { base, fresh, tolerance: allowed, notes }), flags, io)
    exit(diffExit(rows))
  })
}

const OTHER_WORDS =
  'the sides had prompts of the same lengths in other words, whose difference is in that of the sides; to have the same words record both with one --random-seed and as many runs, or with --ab'
const APART =
  'one side was recorded before the other: what drifted in between counts as a difference; record them in turn with --ab to keep it out'
const UNPAIRED = '--unpaired changes nothing: runs are compared by what is shown of them'

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

const percentText = (share: number): string => `${Number((100 * share).toPrecision(6))}%`

const percentOf =
  (flag: string) =>
  (text: string): number => {
    const percent = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim())?.[1]
    if (percent === undefined || (flag === '--noise-floor' && Number(percent) === 0))
      throw new UserError(`${flag}: "${text}" is not a percentage`, `for example ${flag} 5%`)
    return Number(`${percent}e-2`)
  }
