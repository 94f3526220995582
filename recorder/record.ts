import { join } from 'node:path'
import type { Io } from '../schemas/io.ts'
import { type Plan, type PlanFlags, planOf } from './plan.ts'
import { type RunResult, runPlan } from './run.ts'
import { resolveTokenizer } from './tokenizer-hub.ts'

export type RecordFlags = PlanFlags & { output?: string; force?: boolean; offline?: boolean }

/** Validates the flags, finds the tokenizer, runs, and says where the tape is. */
export async function record(
  flags: RecordFlags,
  argv: readonly string[],
  io: Io,
): Promise<RunResult> {
  const plan = planOf(flags, process.env)
  const tokenizer = await resolveTokenizer(plan.tokenizer, {
    offline: flags.offline === true,
    onProgress: line => io.err(`${line}\n`),
  })
  const result = await runPlan(plan, {
    argv,
    tape: flags.output ?? defaultTape(plan, new Date()),
    force: flags.force === true,
    io,
    isTerminal: process.stderr.isTTY === true,
    tokenizer: { id: tokenizer.id, digest: tokenizer.digest },
  })
  io.err(`tape: ${result.tape}\n`)
  for (const { table, lane, torn } of result.sealed?.files ?? [])
    if (torn)
      throw new Error(`${table} of lane ${lane} was not whole after a run that ended: ${torn}`)
  if (result.done === 0)
    io.err(`error: no request succeeded\n  hint: tokentape report ${result.tape} says why\n`)
  return result
}

/** `tapes/<UTC time>-<model>-<load>.tape` */
export function defaultTape(plan: Plan, now: Date): string {
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')
  const model = plan.models
    .join('+')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .slice(0, 60)
  return join('tapes', `${time}-${model}-${loadName(plan)}.tape`)
}

/** The load in a few letters: c20, r5.5, users20, schedule. */
function loadName(plan: Plan): string {
  const { load } = plan.phases.at(-1)!
  if (load.fixedSchedule) return 'schedule'
  if (load.userCentric) return `users${load.userCentric.users}`
  if (load.rate) return `r${load.rate.at(-1)!.perS}`
  return `c${load.concurrency}`
}
