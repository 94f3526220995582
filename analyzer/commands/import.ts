import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { MANIFEST } from '../../schemas/tape.ts'
import { namesHint } from '../nearest.ts'

export type ImportFlags = { from?: string; output?: string; run?: string; force?: boolean }

/** `import --from <tool> <file>`: the results of another tool as a tape. */
export const importCommand = (io: Io): Command =>
  new Command('import')
    .description("turn another tool's results into a tape")
    .argument('<file-or-directory>', 'what the tool wrote')
    .requiredOption('--from <tool>', 'aiperf, vllm, sglang, guidellm or inference-perf')
    .requiredOption('-o, --output <tape>', 'the tape to write')
    .option('--run <n>', 'which run of a file that holds several, from 0')
    .option('--force', 'replace a tape that exists')
    .action((path: string, flags: ImportFlags) => importResults(path, flags, io))

/** Writes a tape from the results of another tool. */
export async function importResults(path: string, flags: ImportFlags, io: Io): Promise<void> {
  const { IMPORTERS } = await import('../imports/index.ts')
  const { writeImportedTape } = await import('../imports/write-tape.ts')
  const tool = flags.from!
  const tape = flags.output!
  const importer = IMPORTERS[tool]
  if (!importer)
    throw new UserError(
      `--from: no tool "${tool}"`,
      namesHint('tools', tool, Object.keys(IMPORTERS)),
    )
  refuseExisting(tape, flags.force === true)
  const runs = importer(path)
  const number = numberOf(flags.run, runs.length, path)
  const run = runs[number]!
  const several = runs.length > 1
  const { requests, failed } = await writeImportedTape(run, tape, {
    tool,
    number: several ? number : undefined,
    replace: flags.force === true,
  })
  io.err(`${tape}: ${requests} requests of ${tool}, ${failed} failed\n`)
  for (const what of run.unknown) io.err(`  not known: ${what}\n`)
}

function refuseExisting(tape: string, force: boolean): void {
  if (!existsSync(tape)) return
  if (!force)
    throw new UserError(
      `${tape}: exists already`,
      'name another with --output, or replace it with --force',
    )
  if (!existsSync(join(tape, MANIFEST)))
    throw new UserError(
      `${tape}: not a tape, so --force does not replace it`,
      'name another with --output',
    )
}

function numberOf(asked: string | undefined, count: number, path: string): number {
  if (count === 0) throw new UserError(`${path}: holds no run`, 'name the results of a run')
  if (asked === undefined) {
    if (count === 1) return 0
    throw new UserError(
      `${path}: holds ${count} runs, and a tape holds one`,
      `say which with --run 0 to --run ${count - 1}`,
    )
  }
  const number = Number(asked)
  if (!/^\d+$/.test(asked) || number >= count)
    throw new UserError(
      `--run: "${asked}" is none of the ${count} runs of ${path}`,
      count === 1 ? 'it holds one: leave --run out' : `they are 0 to ${count - 1}`,
    )
  return number
}
