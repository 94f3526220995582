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
 * Refuses Parquet files of tapes that are cut, are not what their name says, or belong to another run.
 *
 * All at once, since a query has a cost of its own and there may be a thousand tapes.
 *
 * @throws UserError naming the file
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
  const columns = new Map<string, Map<unknown, string>>()
  const schema = 'name, type, converted_type, num_children'
  for (const [file, name, type, converted, children] of await footersOf(
    files,
    connection,
    'parquet_schema',
    schema,
  )) {
    const path = String(file)
    if (!columns.has(path)) columns.set(path, new Map())
    // Of a list the group comes first, and then what is in it, whose names are not ours.
    if (!columns.get(path)!.has(name))
      columns.get(path)!.set(name, children === null ? shapeOf(type, converted) : 'list')
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
      const shape = columns.get(path)?.get(name)
      const expected = SHAPES[type.replace('?', '')]!
      if (shape !== undefined && shape !== expected)
        throw new UserError(
          `${path}: not written by tokentape: its column "${name}" is ${shape}, expected ${expected}`,
          'take the file out of the tape, or restore the one that was there',
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

/** What a column of a type is in Parquet. */
const SHAPES: Record<string, string> = {
  kind: 'text',
  text: 'text',
  bytes: 'bytes',
  uint8: 'whole numbers',
  uint16: 'whole numbers',
  uint32: 'whole numbers',
  int64: 'whole numbers',
  'uint32[]': 'list',
}

/** What a column of Parquet holds: other writers take other widths for the same. */
function shapeOf(type: unknown, converted: unknown): string {
  const said = String(converted)
  if (type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY')
    return /^(UTF8|ENUM|JSON)$/.test(said) ? 'text' : said === 'DECIMAL' ? 'decimals' : 'bytes'
  if (type === 'INT32' || type === 'INT64')
    return /^(U?INT_\d+|null)$/.test(said) ? 'whole numbers' : said
  return String(type)
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
