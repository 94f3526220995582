import type { DuckDBDataChunk, DuckDBType } from '@duckdb/node-api'
import { reasonOf, UserError } from '../schemas/errors.ts'
import { CATALOGUE } from './models.ts'
import { nearestName } from './nearest.ts'
import type { Tapes } from './open-tapes.ts'
import { quoted } from './quoted.ts'
import { sqlTreeOf } from './sql-tree.ts'
import { damagedFile, duckdbReason, goneTape } from './tape-fault.ts'

export type Limits = {
  /** As DuckDB writes it, for example 2GB. */
  memory?: string | undefined
  timeoutMs?: number | undefined
  /** A file that DuckDB itself may write results to. */
  output?: string | undefined
}

/** What takes the rows of a result, as they come. */
export type ResultSink = {
  begin(columns: string[], types: readonly DuckDBType[]): void
  /** False when it wants no more. */
  rows(chunk: DuckDBDataChunk): boolean
  end(): void
}

/**
 * Locks the database of tapes for queries of others: they read the tapes' files and nothing else, load
 * no extension, and change no setting. What they may say is checked by `checkQuery`.
 */
export async function lock(tapes: Tapes, { memory, output }: Limits): Promise<void> {
  const set = (statement: string): Promise<unknown> => tapes.connection.run(statement)
  if (memory !== undefined)
    await set(`set memory_limit = ${quoted(memory)}`).catch(() => {
      throw new UserError(
        `--memory-limit: "${memory}" is not a size`,
        'for example --memory-limit 2GB',
      )
    })
  await set(`set allowed_directories = [${tapes.folders.map(quoted).join(', ')}]`)
  if (output !== undefined) await set(`set allowed_paths = [${quoted(output)}]`)
  await set('set enable_external_access = false')
  await set('set lock_configuration = true')
}

/**
 * Functions that may stand after FROM. A list of those allowed, since there are some that write (`enable_logging`
 * makes files where it is told) or that run a text (`query`), and each DuckDB brings new ones.
 */
const TABLE_FUNCTIONS = new Set([
  ...['range', 'generate_series', 'unnest', 'repeat', 'repeat_row', 'query_table', 'summary'],
  ...['glob', 'read_parquet', 'parquet_scan', 'parquet_schema', 'parquet_metadata'],
  ...['parquet_file_metadata', 'parquet_kv_metadata', 'parquet_bloom_probe', 'read_csv'],
  ...['read_csv_auto', 'read_json', 'read_json_auto', 'read_ndjson', 'read_text', 'read_blob'],
  ...['sniff_csv', 'json_each', 'json_tree', 'histogram', 'histogram_values', 'seq_scan'],
  ...['duckdb_columns', 'duckdb_constraints', 'duckdb_databases', 'duckdb_functions'],
  ...['duckdb_keywords', 'duckdb_memory', 'duckdb_schemas', 'duckdb_settings', 'duckdb_tables'],
  ...['duckdb_types', 'duckdb_variables', 'duckdb_views', 'pragma_version', 'icu_calendar_names'],
])

/** Statements and functions that list relations: for them all must be there. */
const LISTS = /\b(show|information_schema|duckdb_\w+|pragma_\w+|sqlite_\w+|pg_\w+)\b/i

/**
 * The statement, if it may be run: one SELECT (or FROM, WITH, DESCRIBE, SUMMARIZE, SHOW). Anything that
 * writes, or sets, or is several statements is refused before it runs, since an allowed file could
 * otherwise be overwritten by COPY. What it reads is made by then.
 *
 * @throws UserError saying why not
 */
export async function checkQuery(text: string, tapes: Tapes): Promise<string> {
  const sql = text.trim().replace(/;\s*$/, '')
  const nulAt = text.indexOf('\0')
  if (nulAt !== -1)
    throw new UserError(
      `sql: the query has a NUL byte, its character ${nulAt + 1}`,
      'write the query as UTF-8 text; a file of UTF-16 has NULs: iconv -f utf-16 -t utf-8',
    )
  if (sql === '')
    throw new UserError('sql: no query', 'for example "select count(*) from requests"')
  const asked = `select json_serialize_sql(${quoted(sql)})::varchar as tree`
  const [row] = (await tapes.connection.runAndReadAll(asked)).getRowsJS()
  const { tree } = sqlTreeOf(String(row![0]))
  if (tree.error)
    throw tree.error_type === 'not implemented'
      ? new UserError(
          'sql: only queries that read are run',
          'write one SELECT, FROM, WITH, DESCRIBE or SUMMARIZE',
        )
      : new UserError(
          `sql: ${tree.error_message}`,
          `near ${nearOf(sql, Number(tree.position ?? 0))}`,
        )
  if (tree.statements.length !== 1)
    throw new UserError(`sql: ${tree.statements.length} statements`, 'write one')
  const ours = new Set(tapes.models.map(({ name }) => name))
  const foreign = tableFunctionsIn(tree).find(name => !TABLE_FUNCTIONS.has(name) && !ours.has(name))
  if (foreign !== undefined)
    throw new UserError(
      `sql: the table function ${foreign} is not one that only reads`,
      `relations: tokentape sql TAPE "show tables"; functions: ${[...TABLE_FUNCTIONS].slice(0, 8).join(', ')}, …`,
    )
  if (LISTS.test(sql)) await tapes.prepareAll()
  return sql
}

/** The functions that stand after FROM, anywhere in a serialized query. */
function tableFunctionsIn(tree: unknown): string[] {
  if (typeof tree !== 'object' || tree === null) return []
  const { type, function: called } = tree as { type?: string; function?: unknown }
  const own =
    type === 'TABLE_FUNCTION'
      ? [String((called as { function_name?: string }).function_name).toLowerCase()]
      : []
  return [...own, ...Object.values(tree).flatMap(tableFunctionsIn)]
}

const nearOf = (sql: string, position: number): string =>
  JSON.stringify(sql.slice(Math.max(0, position - 20), position + 20))

/**
 * Runs a query that has been checked and hands on its rows, in bounded memory; stops it after its time.
 *
 * @throws UserError for a fault of the query
 */
export const runLocked = (
  sql: string,
  tapes: Tapes,
  limits: Limits,
  sink: ResultSink,
): Promise<void> =>
  guarded(sql, tapes, limits, async isLate => {
    const result = await tapes.connection.stream(sql)
    sink.begin(result.deduplicatedColumnNames(), result.columnTypes())
    for (
      let chunk = await result.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    )
      if (isLate()) throw new Error('INTERRUPT Error: late')
      else if (!sink.rows(chunk)) break
    sink.end()
  })

/** Runs one thing on the connection, once what it reads is there, under limits; DuckDB's complaints become the user's. */
export async function guarded<T>(
  sql: string,
  tapes: Tapes,
  { timeoutMs, memory }: Limits,
  run: (isLate: () => boolean) => Promise<T>,
): Promise<T> {
  let late = false
  let again: NodeJS.Timeout | undefined
  let timer: NodeJS.Timeout | undefined
  try {
    return await tapes.prepared(sql, () => {
      if (timeoutMs !== undefined)
        timer ??= setTimeout(() => {
          late = true
          again = interrupting(tapes)
        }, timeoutMs)
      return run(() => late)
    })
  } catch (error) {
    const shards = tapes.runs.flatMap(run => run.shards)
    const gone = goneTape(shards)
    if (gone) throw gone
    if (error instanceof UserError) throw error
    if (late)
      throw new UserError(`sql: stopped after ${timeoutMs} ms`, 'give it more: --timeout 60s')
    const [first, ...rest] = reasonOf(error).split('\n')
    if (duckdbReason(error) === undefined) throw error
    if (READING.test(first!)) {
      const damaged = await damagedFile(shards, tapes.connection)
      if (damaged) throw damaged
    }
    if (/^Out of Memory Error/.test(first!))
      throw new UserError(
        `sql: needs more than ${memory ?? 'the memory there is'}: ${first}`,
        'give it more with --memory-limit, or ask for less',
      )
    const near = rest.find(line => /Did you mean|Candidate/.test(line))
    throw new UserError(
      `sql: ${first}${placeIn(rest)}`,
      nearRelation(first!, tapes) ??
        near?.trim() ??
        `relations: tokentape sql TAPE "show tables"; columns: "describe requests"; the query was ${JSON.stringify(sql.slice(0, 80))}`,
    )
  } finally {
    clearTimeout(timer)
    clearInterval(again)
  }
}

/** Classes of what reading a damaged file fails with; a query's own fault may have them too. */
const READING = /^(IO|Invalid Input|Invalid|Serialization) Error: /i

/** Where DuckDB points at in the query: it prints the line, shortened where it is long, and a caret below. */
function placeIn(lines: readonly string[]): string {
  const at = lines.findIndex(line => /^LINE \d+: /.test(line))
  const [prefix, number] = /^LINE (\d+): /.exec(lines[at] ?? '') ?? []
  const caret = lines[at + 1]?.indexOf('^') ?? -1
  if (prefix === undefined || caret < prefix.length) return ''
  const shortened = lines[at]!.startsWith(`${prefix}...`)
  return shortened
    ? ` (line ${number}, at ${JSON.stringify(lines[at]!.slice(caret, caret + 20))})`
    : ` (line ${number}, column ${caret - prefix.length + 1})`
}

/** DuckDB knows only the relations that have been made. */
function nearRelation(complaint: string, { models }: Tapes): string | undefined {
  const [, typed] = /^Catalog Error: Table (?:Function )?with name (\w+)/.exec(complaint) ?? []
  const names = [...models.map(({ name }) => name), ...CATALOGUE]
  const near = typed === undefined ? undefined : nearestName(typed, names)
  return near && `did you mean ${near}? all of them: tokentape sql TAPE "show tables"`
}

/** Stops what runs on the connection. Until cleared, since between two steps of a query an interrupt is lost. */
export function interrupting(tapes: Tapes): NodeJS.Timeout {
  tapes.connection.interrupt()
  return setInterval(() => tapes.connection.interrupt(), 20)
}
