import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { parseDuration } from '../../schemas/units.ts'
import { TABLE_FORMATS } from '../formats/tables.ts'
import { checkQuery, guarded, type Limits, lock, runLocked } from '../locked.ts'
import type { Tapes } from '../open-tapes.ts'
import { setupSql } from '../print-setup.ts'
import { quoted } from '../quoted.ts'
import { type TapeFlags, withTapes } from '../with-tapes.ts'

export type SqlFlags = TapeFlags & {
  file?: string
  output?: string
  memoryLimit?: string
  timeout?: string
  printSetup?: boolean
}

const FORMATS = [...Object.keys(TABLE_FORMATS), 'parquet']

/** `sql <tape…> <query>`: any question. The last word is the query, unless it comes with --file. */
export const sqlCommand = (io: Io): Command =>
  new Command('sql')
    .description('ask tapes in SQL')
    .argument('<tape-or-query...>', 'tapes, then the query')
    .option('--file <path>', 'read the query from a file; - for standard input')
    .addOption(new Option('--format <name>', 'how to print it').choices(FORMATS).default('text'))
    .option('--output <path>', 'where --format parquet writes')
    .option('--memory-limit <size>', 'for example 2GB')
    .option('--timeout <duration>', 'stop the query after it, for example 30s')
    .option('--print-setup', 'print the SQL that gives any DuckDB the same relations')
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .action((words: string[], flags: SqlFlags) => sql(words, flags, io))

/** Runs a query over tapes, locked: it reads them and nothing else. */
export async function sql(words: string[], flags: SqlFlags, io: Io): Promise<void> {
  const { paths, query } = wordsOf(words, flags)
  const { format = 'text', output } = flags
  if ((format === 'parquet') !== (output !== undefined))
    throw new UserError(
      'sql: --format parquet and --output go together',
      'for example --format parquet --output rows.parquet',
    )
  if (output !== undefined && existsSync(output))
    throw new UserError(`--output: ${output} is already there`, 'name a file that is not')
  const limits: Limits = {
    memory: flags.memoryLimit,
    timeoutMs:
      flags.timeout === undefined ? undefined : parseDuration(flags.timeout, '--timeout') / 1e6,
    output: output === undefined ? undefined : resolve(output),
  }
  await withTapes(
    paths.map(path => resolve(path)),
    flags,
    io,
    async tapes => {
      if (flags.printSetup) {
        io.out(await setupSql(tapes))
        return
      }
      await lock(tapes, limits)
      const checked = await checkQuery(query!, tapes)
      if (limits.output !== undefined) await writeParquet(checked, limits.output, tapes, limits)
      else {
        const { columns, rows } = await runLocked(checked, tapes, limits)
        const json = rows.map(row => Object.fromEntries(columns.map((name, i) => [name, row[i]])))
        io.out(TABLE_FORMATS[format]!({ tables: [{ columns, rows }], json }))
      }
    },
  )
}

const writeParquet = (checked: string, output: string, tapes: Tapes, limits: Limits) =>
  guarded(checked, tapes, limits.timeoutMs, async () => {
    await tapes.query(`copy (${checked}\n) to ${quoted(output)} (format parquet, compression zstd)`)
  })

function wordsOf(words: string[], flags: SqlFlags): { paths: string[]; query?: string } {
  if (flags.printSetup) return { paths: words }
  if (flags.file !== undefined) return { paths: words, query: readQuery(flags.file) }
  if (words.length < 2)
    throw new UserError(
      'sql: no query',
      'the last word is the query: tokentape sql TAPE "select count(*) from requests"; or --file query.sql',
    )
  return { paths: words.slice(0, -1), query: words.at(-1)! }
}

function readQuery(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    throw new UserError(`--file: ${path}: ${reasonOf(error)}`, 'name a file that holds one query')
  }
}
