import type { Command, OptionValues } from 'commander'
import { Option } from 'commander'
import type { Io } from '../schemas/io.ts'
import { TABLE_FORMATS } from './formats/tables.ts'
import type { Tapes } from './open-tapes.ts'

/** The flags of every verb that opens tapes. */
export type TapeFlags = { format?: string; tokenizer?: string; useServerTokenCount?: boolean }

/** Adds the argument and the flags of a verb that opens tapes. */
export const withTapeFlags = (command: Command): Command =>
  command
    .argument('<tape...>', 'directories that tokentape record wrote')
    .addOption(tableFormatOption())
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")

/** `--format` of verbs that answer with tables. */
export const tableFormatOption = (): Option =>
  new Option('--format <name>', 'how to print it')
    .choices(Object.keys(TABLE_FORMATS))
    .default('text')

/** Opens tapes, asks them and closes them. DuckDB is loaded here, so that `--help` does without. */
export async function withTapes<T>(
  paths: string[],
  flags: TapeFlags & OptionValues,
  io: Io,
  ask: (tapes: Tapes) => Promise<T>,
): Promise<T> {
  const { openTapes } = await import('./open-tapes.ts')
  const { tapeTokenizer } = await import('./tape-tokenizer.ts')
  const tapes = await openTapes(paths, {
    err: io.err,
    tokenizerOf: tapeTokenizer(flags.tokenizer, io.err),
    tokenSource: flags.useServerTokenCount ? 'server' : 'client',
  })
  try {
    return await ask(tapes)
  } finally {
    tapes.close()
  }
}
