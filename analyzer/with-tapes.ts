import type { Command, OptionValues } from 'commander'
import { Option } from 'commander'
import type { Io } from '../schemas/io.ts'
import { type Answer, TABLE_FORMATS } from './formats/tables.ts'
import type { Tapes } from './open-tapes.ts'
import type { Window, WindowFlags } from './window.ts'

/** Tapes, and the windows that they were limited to. */
export type LimitedTapes = Tapes & { windows?: Window[] }

/** The flags of every verb that opens tapes. */
export type TapeFlags = WindowFlags & {
  format?: string
  tokenizer?: string
  useServerTokenCount?: boolean
}

/** Adds the argument and the flags of a verb that opens tapes. */
export const withTapeFlags = (command: Command): Command =>
  withWindowFlags(
    command
      .argument('<tape...>', 'directories that tokentape record wrote')
      .addOption(tableFormatOption())
      .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
      .option('--use-server-token-count', "take the server's usage where it gave one"),
  )

/** Adds the flags that limit a verb to a part of each run. */
export const withWindowFlags = (command: Command): Command =>
  command
    .option('--steady', 'only the requests sent while the run was steady; the window is printed')
    .option('--from <duration>', 'only requests sent so long after the first send, or later')
    .option('--to <duration>', 'only requests sent before so long after the first send')

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
  ask: (tapes: LimitedTapes) => Promise<T>,
): Promise<T> {
  const { openTapes } = await import('./open-tapes.ts')
  const { tapeTokenizer } = await import('./tape-tokenizer.ts')
  const { expandTapes } = await import('./tape-glob.ts')
  const tapes = await openTapes(expandTapes(paths), {
    err: io.err,
    tokenizerOf: tapeTokenizer(flags.tokenizer, io.err),
    tokenSource: flags.useServerTokenCount ? 'server' : 'client',
  })
  const { removeTemporaries } = await import('../schemas/temporary.ts')
  // Decoding takes minutes. The signal then does what it does without this.
  const stop = (): void => {
    removeTemporaries()
    process.kill(process.pid, 'SIGINT')
  }
  process.once('SIGINT', stop)
  try {
    return await ask(await limited(tapes, flags, io))
  } finally {
    process.off('SIGINT', stop)
    tapes.close()
  }
}

/** Limits tapes to the window that the flags ask for, and says which that is. */
export async function limited(tapes: Tapes, flags: WindowFlags, io: Io): Promise<LimitedTapes> {
  const { isLimited, limitTo, windowsOf, windowText } = await import('./window.ts')
  if (!isLimited(flags)) return tapes
  const windows = await windowsOf(tapes, flags)
  await limitTo(windows, tapes)
  for (const window of windows) io.err(`note: ${windowText(window)}\n`)
  return { ...tapes, windows }
}

/** An answer that names the windows it is about: above the tables, and in a value that has names. */
export async function withWindows(answer: Answer, { windows }: LimitedTapes): Promise<Answer> {
  if (!windows) return answer
  const { windowJson, windowText } = await import('./window.ts')
  const { json } = answer
  const named = typeof json === 'object' && json !== null && !Array.isArray(json)
  return {
    ...answer,
    head: [...(answer.head ?? []), ...windows.map(windowText)],
    json: named ? { windows: windows.map(windowJson), ...json } : json,
  }
}
