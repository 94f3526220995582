import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { parseDuration } from '../../schemas/units.ts'
import { checkQuery, guarded, type Limits, lock, type ResultSink, runLocked } from '../locked.ts'
import type { Tapes } from '../open-tapes.ts'
import { quoted } from '../quoted.ts'
import type { Destination } from '../result-sinks.ts'
import { isPattern } from '../tape-glob.ts'
import { type TapeFlags, withTapes, withWindowFlags } from '../with-tapes.ts'

export type SqlFlags = TapeFlags & {
  file?: string
  output?: string
  memoryLimit?: string
  timeout?: string
  printSetup?: boolean
  database?: string
}

const FORMATS = ['text', 'json', 'csv', 'markdown', 'parquet', 'arrow'] as const

/** The format of a file by its name. */
const BY_EXTENSION: Record<string, (typeof FORMATS)[number]> = {
  '.txt': 'text',
  '.json': 'json',
  '.csv': 'csv',
  '.md': 'markdown',
  '.parquet': 'parquet',
  '.arrow': 'arrow',
  '.feather': 'arrow',
  '.arrows': 'arrow',
}

/** `sql <tape…> [query]`: any question. Without a query, a prompt. */
export const sqlCommand = (io: Io): Command =>
  withWindowFlags(new Command('sql').description('ask tapes in SQL'))
    .argument('<tape-or-query...>', 'tapes, then the query; without one, a prompt')
    .option('-f, --file <path>', 'read the query from a file; - for standard input')
    .addOption(
      new Option(
        '--format <name>',
        'how to print it; default: text, or what the name of --output says',
      ).choices([...FORMATS]),
    )
    .option('-o, --output <path>', 'write the result to a file: .csv, .json, .parquet, .arrow, …')
    .option('--memory-limit <size>', 'for example 2GB')
    .option('--timeout <duration>', 'stop a query after it, for example 30s')
    .option('--print-setup', 'print the SQL that gives any DuckDB the same relations')
    .option('--database <path>', 'write a DuckDB file with the same relations')
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .action((words: string[], flags: SqlFlags) => sql(words, flags, io))

/** Runs a query over tapes, locked: it reads them and nothing else. */
export async function sql(words: string[], flags: SqlFlags, io: Io): Promise<void> {
  const { paths, query } = wordsOf(words, flags)
  const isWindow = flags.steady || flags.from !== undefined || flags.to !== undefined
  if ((flags.printSetup || flags.database !== undefined) && isWindow)
    throw new UserError(
      `sql: --${flags.printSetup ? 'print-setup' : 'database'} gives the relations of whole runs`,
      'leave --steady, --from and --to out, or query here: tokentape sql TAPE QUERY --steady',
    )
  const format = formatOf(flags, io)
  const limits: Limits = {
    memory: flags.memoryLimit,
    timeoutMs:
      flags.timeout === undefined ? undefined : parseDuration(flags.timeout, '--timeout') / 1e6,
    output: format === 'parquet' ? resolve(flags.output!) : undefined,
  }
  const absolute = paths.map(path => resolve(path))
  await withTapes(absolute, flags, io, async tapes => {
    if (flags.printSetup || flags.database !== undefined) {
      const { setupSql, writeDatabase } = await import('../print-setup.ts')
      if (flags.printSetup) io.out(await setupSql(tapes))
      else await writeDatabase(flags.database!, tapes)
      return
    }
    await lock(tapes, limits)
    if (query === undefined) await ask(tapes, limits)
    else await answer(await checkQuery(query, tapes), tapes, limits, { format, flags, io })
  })
}

async function ask(tapes: Tapes, limits: Limits): Promise<void> {
  const { historyFile, sqlPrompt } = await import('../sql-prompt.ts')
  const { completionWords } = await import('../sql-completion.ts')
  await sqlPrompt(tapes, limits, {
    input: process.stdin,
    output: process.stdout,
    history: historyFile(),
    words: completionWords(tapes.models),
  })
}

type Wanted = { format: (typeof FORMATS)[number]; flags: SqlFlags; io: Io }

async function answer(
  checked: string,
  tapes: Tapes,
  limits: Limits,
  { format, flags: { output }, io }: Wanted,
): Promise<void> {
  if (format === 'parquet') {
    await guarded(checked, tapes, limits, () =>
      tapes.connection.run(
        `copy (${checked}\n) to ${quoted(limits.output!)} (format parquet, compression zstd)`,
      ),
    )
    return
  }
  if (output === undefined) {
    const write = (piece: string | Uint8Array): void =>
      typeof piece === 'string' ? io.out(piece) : io.bytes!(piece)
    await runLocked(checked, tapes, limits, await sinkOf(format, 'stream', { write, note: io.err }))
    return
  }
  const file = openSync(output, 'wx')
  try {
    const write = (piece: string | Uint8Array): void => {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    }
    const framing = extname(output) === '.arrows' ? 'stream' : 'file'
    await runLocked(checked, tapes, limits, await sinkOf(format, framing, { write, note: io.err }))
  } catch (error) {
    // Half a result must not pass for one.
    rmSync(output, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
}

async function sinkOf(
  format: string,
  framing: 'stream' | 'file',
  to: Destination,
): Promise<ResultSink> {
  if (format === 'arrow') return (await import('../arrow-sink.ts')).arrowSink(framing, to)
  return (await import('../result-sinks.ts')).RESULT_FORMATS[format]!(to)
}

function formatOf({ format, output }: SqlFlags, io: Io): Wanted['format'] {
  const found = format ?? (output === undefined ? 'text' : BY_EXTENSION[extname(output)])
  if (found === undefined)
    throw new UserError(
      `--output: ${output} does not say its format`,
      `name it ${Object.keys(BY_EXTENSION).join(', ')}, or give --format`,
    )
  if (output === undefined && (found === 'parquet' || (found === 'arrow' && !io.bytes)))
    throw new UserError(
      `sql: --format ${found} needs --output${found === 'arrow' ? ', or a pipe' : ''}`,
      `for example --output rows.${found}`,
    )
  if (output !== undefined && existsSync(output))
    throw new UserError(`--output: ${output} is already there`, 'name a file that is not')
  return found as Wanted['format']
}

function wordsOf(words: string[], flags: SqlFlags): { paths: string[]; query?: string } {
  if (flags.printSetup || flags.database !== undefined) return { paths: words }
  if (flags.file !== undefined) return { paths: words, query: readQuery(flags.file) }
  const last = words.at(-1)!
  if (words.length > 1 && !existsSync(last) && !(isPattern(last) && !/\s/.test(last)))
    return { paths: words.slice(0, -1), query: last }
  if (process.stdin.isTTY && process.stdout.isTTY) return { paths: words }
  throw new UserError(
    'sql: no query',
    'the last word is the query: tokentape sql TAPE "select count(*) from requests"; or --file query.sql',
  )
}

function readQuery(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    throw new UserError(`--file: ${path}: ${reasonOf(error)}`, 'name a file that holds one query')
  }
}
