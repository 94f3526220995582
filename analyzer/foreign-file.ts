import type { DuckDBConnection } from '@duckdb/node-api'
import { reasonOf, UserError } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { tableFiles } from '../schemas/tape.ts'
import { literalPath } from './parquet.ts'
import { quoted } from './quoted.ts'

type Sealed = { path: string; table: TableName; manifest: Manifest }
type Tape = { path: string; manifest: Manifest }

/**
 * Refuses Parquet files of tapes that are cut, are not what their name says, have columns of other types, or belong to
 * another run.
 *
 * All at once, since a query has a cost of its own and there may be a thousand tapes.
 *
 * @throws UserError naming the file, and the column
 */
export async function checkFiles(
  tapes: readonly Tape[],
  connection: DuckDBConnection,
): Promise<void> {
  const files = tapes.flatMap(({ path: tape, manifest }) =>
    (Object.keys(TABLES) as TableName[]).flatMap(table =>
      tableFiles(tape, table)
        .filter(({ state }) => state === 'sealed')
        .map(({ path }): Sealed => ({ path, table, manifest })),
    ),
  )
  if (files.length === 0) return
  const columns = new Map<string, Map<unknown, string | null>>()
  const named = await footersOf(files, connection, 'parquet_schema', 'name, duckdb_type')
  for (const [path, name, type] of named) {
    const own = columns.get(String(path)) ?? new Map()
    columns.set(String(path), own)
    // A column comes before what is nested in it.
    if (!own.has(name)) own.set(name, type === null ? null : String(type))
  }
  const pairs = await footersOf(
    files,
    connection,
    'parquet_kv_metadata',
    'decode(key), decode(value)',
  )
  const runs = new Map(
    pairs.filter(([, key]) => key === 'run_id').map(([path, , run]) => [path, run]),
  )
  for (const { path, table, manifest } of files) {
    // A nullable column may have come later than the file.
    const missing = Object.entries(TABLES[table]).find(
      ([name, [type]]) => !type.endsWith('?') && !columns.get(path)?.has(name),
    )
    if (missing)
      throw new UserError(
        `${path}: not written by tokentape: it has no column "${missing[0]}"`,
        'take the file out of the tape, or restore the one that was there',
      )
    for (const [name, [type]] of Object.entries(TABLES[table])) {
      const found = columns.get(path)!.get(name)
      if (found !== undefined && !readsAs(type, found))
        throw new UserError(
          `${path}: column "${name}" is of type ${found ?? 'LIST'}, where a tape has ${STORED[baseOf(type)]}`,
          'write it with the types of schemas/README.md',
        )
    }
    const run = runs.get(path)
    if (run !== undefined && run !== manifest.run_id)
      throw new UserError(
        `${path}: belongs to the run ${run}, not to ${manifest.run_id}`,
        'take the file out of the tape, or restore the one that was there',
      )
  }
}

const baseOf = (type: string): string => type.replace('?', '')

/** What a tape has in a column of each type. */
const STORED: Record<string, string> = {
  kind: 'VARCHAR',
  text: 'VARCHAR',
  bytes: 'BLOB',
  uint16: 'USMALLINT',
  uint32: 'UINTEGER',
  int64: 'BIGINT',
  'uint32[]': 'LIST',
}
const INTEGER = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/

/**
 * Whether a column can stand for one of ours without a change of its values. Others write integers of any width,
 * and what is NULL throughout as a column of integers. A string has no bytes of a character that was cut in two.
 */
function readsAs(type: string, found: string | null): boolean {
  const stored = STORED[baseOf(type)]!
  // What has parts has no type of its own in a footer.
  if (found === null || stored === 'LIST') return found === null && stored === 'LIST'
  if (found === stored) return true
  if (INTEGER.test(stored)) return INTEGER.test(found)
  return type === 'text?' && INTEGER.test(found)
}

/** What a table function tells of the footers of files, each row after the file's name. */
async function footersOf(
  files: Sealed[],
  connection: DuckDBConnection,
  tells: string,
  columns: string,
): Promise<unknown[][]> {
  const ask = async (paths: string[]): Promise<unknown[][]> => {
    const list = `[${paths.map(path => quoted(literalPath(path))).join(', ')}]`
    const sql = `select file_name, ${columns} from ${tells}(${list})`
    return (await connection.runAndReadAll(sql)).getRowsJS() as unknown[][]
  }
  try {
    return await ask(files.map(({ path }) => path))
  } catch {
    // One of them cannot be read: which?
    for (const { path } of files)
      await ask([path]).catch(error => {
        throw new UserError(
          `${path}: cut or damaged: ${reasonOf(error).split('\n')[0]}`,
          'restore it from a copy of the tape, or record again',
        )
      })
    throw new Error(`the footers of ${files.length} files can be read one by one, but not together`)
  }
}
