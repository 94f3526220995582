import { join } from 'node:path'
import { Command, Option } from 'commander'
import type { Io } from '../schemas/io.ts'
import { ENDPOINTS } from './endpoints/index.ts'
import { type Plan, type PlanFlags, planOf } from './plan.ts'
import { runPlan } from './run.ts'
import { resolveTokenizer } from './tokenizer-hub.ts'

const collect = (value: string, before: string[]): string[] => [...before, value]

/** Every flag that says what to send and how: shared by `record` and `profile`. */
export function addPlanOptions(command: Command): Command {
  return command
    .requiredOption('-m, --model <name>', 'the model to ask for')
    .option('-u, --url <url>', 'where the server is; may be given several times', collect, [])
    .addOption(
      new Option('--endpoint-type <name>', 'the wire format')
        .choices(Object.keys(ENDPOINTS))
        .default('chat'),
    )
    .option('--endpoint <path>', 'another path than the wire format has')
    .option('--streaming', 'ask for a stream of tokens; without it no token times exist')
    .option('--concurrency <n>', 'requests in flight at once (closed loop)', '1')
    .option('--request-count <n>', 'requests in all (default: twice the concurrency, at least 10)')
    .option('--isl <tokens>', 'input tokens of a prompt, exactly', '550')
    .option('--isl-stddev <tokens>', 'standard deviation of the input tokens', '0')
    .option('--osl <tokens>', 'limit of output tokens (default: none sent)')
    .option('--osl-stddev <tokens>', 'standard deviation of the output limit', '0')
    .option(
      '--extra-inputs <input>',
      'further fields of the body: key:value or a JSON object',
      collect,
      [],
    )
    .option('--use-legacy-max-tokens', 'send max_tokens instead of max_completion_tokens')
    .option('-H, --header <header>', 'a further request header, "Name: value"', collect, [])
    .option('--api-key <key>', 'bearer key; also from OPENAI_API_KEY; never written anywhere')
    .option('--tokenizer <name>', 'builtin, a directory, a tokenizer.json or a Hugging Face id')
    .option('--offline', 'never fetch a tokenizer')
    .option('--random-seed <n>', 'the same seed and options give the same requests', '0')
    .addOption(
      new Option('--keep <what>', 'raw: every byte; timing: no text, only times and lengths')
        .choices(['raw', 'timing'])
        .default('raw'),
    )
    .option('--keep-bodies', 'keep the request bodies too, not only their digests')
    .option('--request-timeout-seconds <s>', 'end a request that takes longer; 0 is never', '21600')
    .option('--benchmark-grace-period <s>', 'after a stop, wait this long for answers', '30')
    .option('-o, --output <tape>', 'the tape to write (default: a name under tapes/)')
    .option('--force', 'replace a tape that exists')
}

export type RecordFlags = PlanFlags & { output?: string; force?: boolean; offline?: boolean }

/** Validates the flags, finds the tokenizer, runs, and says where the tape is. */
export async function record(flags: RecordFlags, argv: readonly string[], io: Io): Promise<RunEnd> {
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
export type RunEnd = Awaited<ReturnType<typeof runPlan>>

/** `record`: fires the load, writes a tape. */
export const recordCommand = (io: Io, exit: (code: number) => void): Command =>
  addPlanOptions(new Command('record'))
    .description('fire a load at an endpoint and record every read to a tape')
    .action(async (flags: RecordFlags, command: Command) => {
      const { exitCode } = await record(flags, argvOf(command), io)
      exit(exitCode)
    })

/** The words after the program's name, as they were typed. */
export const argvOf = (command: Command): string[] => {
  const root = command.parent as (Command & { rawArgs?: string[] }) | null
  return [...(root?.rawArgs ?? [])]
}

/** `tapes/<UTC time>-<model>-<load>.tape` */
export function defaultTape(plan: Plan, now: Date): string {
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')
  const model = plan.model.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 60)
  return join('tapes', `${time}-${model}-c${plan.concurrency}.tape`)
}
