import { reasonOf, UserError } from '../schemas/errors.ts'
import type { Cell } from './formats/tables.ts'
import type { Tapes } from './open-tapes.ts'
import { quoted } from './quoted.ts'
import { plainRow } from './rows.ts'

export type Limits = {
  /** As DuckDB writes it, for example 2GB. */
  memory?: string | undefined
  timeoutMs?: number | undefined
  /** A file that results may be written to. */
  output?: string | undefined
}

/** A result: columns in order, rows as values. */
export type Result = { columns: string[]; rows: Cell[][] }

/**
 * Locks the database of tapes for queries of others: they read the tapes' files and nothing else, load
 * no extension, and change no setting. What they may say is checked by `runLocked`.
 */
export async function lock(tapes: Tapes, { memory, output }: Limits): Promise<void> {
  if (memory !== undefined)
    try {
      await tapes.query(`set memory_limit = ${quoted(memory)}`)
    } catch {
      throw new UserError(
        `--memory-limit: "${memory}" is not a size`,
        'for example --memory-limit 2GB',
      )
    }
  // Messages of a tape that may not be written to are decoded into the temporary directory.
  const [row] = await tapes.query(`select current_setting('temp_directory') as scratch`)
  const folders = [
    String(row!['scratch']),
    ...tapes.runs.flatMap(run => run.shards.map(({ path }) => path)),
  ]
  await tapes.query(`set allowed_directories = [${folders.map(quoted).join(', ')}]`)
  if (output !== undefined) await tapes.query(`set allowed_paths = [${quoted(output)}]`)
  await tapes.query('set enable_external_access = false')
  await tapes.query('set lock_configuration = true')
}

/**
 * The statement, if it may be run: one SELECT (or FROM, WITH, DESCRIBE, SUMMARIZE, SHOW). Anything that
 * writes, or sets, or is several statements is refused before it runs, since an allowed file could
 * otherwise be overwritten by COPY.
 *
 * @throws UserError saying why not
 */
export async function checkQuery(text: string, tapes: Tapes): Promise<string> {
  const sql = text.trim().replace(/;\s*$/, '')
  if (sql === '')
    throw new UserError('sql: no query', 'for example "select count(*) from requests"')
  const [row] = await tapes.query(`select json_serialize_sql(${quoted(sql)})::varchar as tree`)
  const tree = JSON.parse(String(row!['tree']))
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
  return sql
}

const nearOf = (sql: string, position: number): string =>
  JSON.stringify(sql.slice(Math.max(0, position - 20), position + 20))

/**
 * Runs a query that has been checked, and stops it after its time.
 *
 * @throws UserError for a fault of the query
 */
export async function runLocked(sql: string, tapes: Tapes, { timeoutMs }: Limits): Promise<Result> {
  return guarded(sql, tapes, timeoutMs, async () => {
    const reader = await tapes.connection.runAndReadAll(sql)
    const columns = reader.deduplicatedColumnNames()
    const rows = reader.getRowObjectsJS().map(plainRow)
    return { columns, rows: rows.map(row => columns.map(name => cellOf(row[name]))) }
  })
}

/** Runs one thing on the connection under a time limit; DuckDB's complaints become the user's. */
export async function guarded<T>(
  sql: string,
  tapes: Tapes,
  timeoutMs: number | undefined,
  run: () => Promise<T>,
): Promise<T> {
  let late = false
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true
          tapes.connection.interrupt()
        }, timeoutMs)
  try {
    return await run()
  } catch (error) {
    if (late)
      throw new UserError(`sql: stopped after ${timeoutMs} ms`, 'give it more: --timeout 60s')
    const [first, ...rest] = reasonOf(error).split('\n')
    const near = rest.find(line => /Did you mean|Candidate/.test(line))
    throw new UserError(
      `sql: ${first}`,
      near?.trim() ??
        `relations: tokentape sql TAPE "show tables"; columns: "describe requests"; the query was ${JSON.stringify(sql.slice(0, 80))}`,
    )
  } finally {
    clearTimeout(timer)
  }
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object')
    return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? String(item) : item))
  return value as Cell
}
