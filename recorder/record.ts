import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT, UserError } from '../schemas/errors.ts'
import type { Io } from '../schemas/io.ts'
import { BUILTIN } from '../schemas/tokenizer.ts'
import { describePlan } from './dry-run.ts'
import { refuseTape } from './new-tape.ts'
import { amount, whole } from './option-values.ts'
import { type Plan, type PlanFlags, planOf } from './plan.ts'
import { preflight } from './preflight.ts'
import { preflightRequests } from './preflight-request.ts'
import { type RunResult, runPlan } from './run.ts'
import { scheduleNotes } from './schedule-notes.ts'
import { seedNotes, seedsOf, seedsOfRun } from './seeds.ts'
import { resolveTokenizer } from './tokenizer-hub.ts'
import { workloadPlanOf } from './workloads/workload-flags.ts'
import { workloadOf } from './workloads/workload-of.ts'

export type RecordFlags = PlanFlags & {
  output?: string
  artifactDir?: string
  force?: boolean
  offline?: boolean
  dryRun?: boolean
  preflight: boolean
  repeat: string
  ab?: boolean
  cooldownSeconds: string
}

export type Recorded = { exitCode: number; tapes: string[] }

/** Validates the flags, finds the tokenizer, records one tape or several, and says where they are. */
export async function record(
  flags: RecordFlags,
  argv: readonly string[],
  io: Io,
): Promise<Recorded> {
  const runs = runsOf(flags)
  const cooldownMs = 1000 * amount('--cooldown-seconds', flags.cooldownSeconds)
  const tokenizer = await resolveTokenizer(flags.tokenizer ?? BUILTIN, {
    offline: flags.offline === true,
    onProgress: line => io.err(`${line}\n`),
  })
  const first = seedsOf(flags)
  // All plans first: a sweep that would fail at its last value fails before anything is sent.
  const planned = runs.map(run => {
    const workload = workloadOf(workloadPlanOf(run.flags), tokenizer, first)
    if (!workload.isMadeUp && run === runs.at(-1) && run.prompts > 0 && !first.samePrompts)
      io.err(`note: ${SENT_AGAIN}\n`)
    const seeds = workload.isMadeUp ? seedsOfRun(first, run.prompts) : first
    const plan = planOf(run.flags, process.env, workload, seeds)
    for (const note of scheduleNotes(plan, workload, run.flags)) io.err(`note: ${note}\n`)
    // Not the workload: it would stay in memory for as long as the runs take.
    const requests = flags.preflight ? preflightRequests(plan, workload) : []
    return { plan, requests, tape: tapeOf(flags, plan, run.name, runs.length > 1) }
  })
  const tellSeed = (): void => {
    for (const note of seedNotes(first)) io.err(`note: ${note}\n`)
  }
  if (flags.dryRun) {
    tellSeed()
    for (const { plan } of planned) io.out(describePlan(plan))
    return { exitCode: EXIT.ok, tapes: [] }
  }
  const force = flags.force === true
  for (const { tape } of planned) refuseTape(tape, force)
  const asked = flags.preflight ? await preflight(planned, io) : []
  if (!asked) return { exitCode: EXIT.interrupted, tapes: [] }
  tellSeed()
  const tapes: string[] = []
  let exitCode: number = EXIT.ok
  for (const [i, run] of runs.entries()) {
    if (i > 0 && cooldownMs > 0) {
      io.err(`cool-down: ${cooldownMs / 1000} s\n`)
      await sleep(cooldownMs)
    }
    const { plan, tape } = planned[i]!
    if (runs.length > 1) io.err(`run ${i + 1} of ${runs.length}: ${run.name}\n`)
    const result = await runPlan(plan, {
      argv,
      tape,
      force,
      io,
      isTerminal: process.stderr.isTTY === true,
      tokenizer: { id: tokenizer.id, digest: tokenizer.digest },
      ...(asked[i] ? { preflight: asked[i] } : {}),
    })
    sayWhatCame(result, io)
    tapes.push(result.tape)
    if (result.exitCode !== EXIT.ok) exitCode = result.exitCode
    if (result.exitCode === EXIT.interrupted) break
  }
  return { exitCode, tapes }
}

function sayWhatCame({ tape, sealed, done }: RunResult, io: Io): void {
  io.err(`tape: ${tape}\n`)
  for (const { table, lane, torn } of sealed?.files ?? [])
    if (torn)
      throw new Error(`${table} of lane ${lane} was not whole after a run that ended: ${torn}`)
  if (done === 0) io.err(`error: no request succeeded\n  hint: tokentape report ${tape} says why\n`)
}

const SENT_AGAIN =
  'every run sends the prompts of the file again, which the server may still have in its cache: --cache-bust first_turn_prefix puts words in front that no other run has'

/** Flags that may be given as a list, one run a value. */
const SWEPT = [
  ['--concurrency', 'concurrency', 'c'],
  ['--request-rate', 'requestRate', 'r'],
  ['--isl', 'isl', 'isl'],
  ['--osl', 'osl', 'osl'],
] as const

/** A run of a command line. */
type Run = {
  flags: RecordFlags
  name: string
  /** The number of its prompts, from 0: every run has its own, but both sides of an A/B pair share theirs. */
  prompts: number
}

/**
 * The runs of a command line: one a value of a swept flag, each as often as --repeat says.
 *
 * With --ab each URL has runs of its own, in the order A B, B A, A B …: what drifts while they are recorded
 * falls on both sides alike.
 */
function runsOf(flags: RecordFlags): Run[] {
  const repeats = whole('--repeat', flags.repeat, 1)
  const swept = SWEPT.filter(([, key]) => flags[key]?.includes(','))
  if (swept.length > 1)
    throw new UserError(
      `${swept.map(([flag]) => flag).join(' and ')} are two lists`,
      'sweep one flag, and run the command once for each value of the other',
    )
  const [sweep] = swept
  const variants = sweep
    ? flags[sweep[1]]!.split(',').map(value => ({
        flags: { ...flags, [sweep[1]]: value.trim() },
        name: `${sweep[2]}${value.trim()}`,
      }))
    : [{ flags, name: '' }]
  const sides = sidesOf(flags)
  return variants.flatMap((variant, v) =>
    Array.from({ length: repeats }, (_, i) =>
      (i % 2 === 0 ? sides : sides.toReversed()).map(({ side, url }) => ({
        flags: { ...variant.flags, url },
        prompts: v * repeats + i,
        name: [variant.name, side, repeats > 1 ? `run${i + 1}` : ''].filter(Boolean).join('-'),
      })),
    ).flat(),
  )
}

/** The URLs of a run: all of them in turn, or with --ab one alone. */
function sidesOf({ ab, url }: RecordFlags): { side: string; url: string[] }[] {
  if (!ab) return [{ side: '', url }]
  if (url.length !== 2)
    throw new UserError(
      `--ab: compares two servers, ${url.length} given`,
      'for example --ab --url http://old:8000 --url http://new:8000 --repeat 5',
    )
  return url.map((each, i) => ({ side: 'ab'[i]!, url: [each] }))
}

/** Several runs go into one folder, one tape each. */
function tapeOf(flags: RecordFlags, plan: Plan, name: string, several: boolean): string {
  const given =
    flags.output ??
    (flags.artifactDir && !several ? join(flags.artifactDir, 'profile.tape') : flags.artifactDir)
  if (!several) return given ?? defaultTape(plan, new Date())
  return join(given ?? join('tapes', startedAt), `${name}.tape`)
}

const timeOf = (now: Date): string =>
  now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')
const startedAt = timeOf(new Date())

/** `tapes/<UTC time>-<model>-<load>.tape` */
export function defaultTape(plan: Plan, now: Date): string {
  const model = plan.models
    .join('+')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .slice(0, 60)
  return join('tapes', `${timeOf(now)}-${model}-${loadName(plan)}.tape`)
}

/** The load in a few letters: c20, r5.5, users20, schedule. */
function loadName(plan: Plan): string {
  const { mode, concurrency } = plan.phases.at(-1)!.load
  if (mode.kind === 'fixed-schedule') return 'schedule'
  if (mode.kind === 'user-centric') return `users${mode.users}`
  if (mode.kind === 'open-loop') return `r${mode.rate.at(-1)!.perS}`
  return `c${concurrency}`
}
