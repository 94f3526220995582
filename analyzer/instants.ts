import type { DuckDBConnection } from '@duckdb/node-api'
import { UserError } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { tableFiles } from '../schemas/tape.ts'
import { MOST_CHARACTERS } from './decode/tokens.ts'
import { literalPath, readParquet } from './parquet.ts'
import { quoted } from './quoted.ts'

/** Columns that are instants; all other times of a tape are spans. */
export const INSTANTS = ['at_ns', 'asked_ns']

/** Instants are whole nanoseconds below this, which is 104 days: in a double, and in sums of their squares. */
const LIMIT_NS = 2n ** 53n

type Tape = { path: string; manifest: Manifest }
type Bounds = { least: bigint | null; greatest: bigint | null }

/**
 * Refuses tapes whose instants are no time of a run: what a damaged or foreign file has would be rounded by the
 * decoder, and overflow in a difference of two.
 *
 * Of sealed files the footers tell, so that a thousand of them are asked at once.
 *
 * @throws UserError naming the file
 */
export async function checkInstants(
  tapes: readonly Tape[],
  connection: DuckDBConnection,
): Promise<void> {
  const tables = [...(Object.keys(TABLES) as TableName[]), 'messages' as const]
  const files = tapes.flatMap(({ path: tape }) =>
    tables.flatMap(table =>
      tableFiles(tape, table).flatMap(({ path, state }) => (state === 'sealed' ? [path] : [])),
    ),
  )
  if (files.length === 0) return
  const list = `[${files.map(path => quoted(literalPath(path))).join(', ')}]`
  const names = [...INSTANTS, 'tokens'].map(quoted).join(', ')
  const rows = await connection.runAndReadAll(`
    select file_name, path_in_schema, min(try_cast(stats_min_value as bigint)), max(try_cast(stats_max_value as bigint)),
      bool_or(num_values > 0 and (stats_min_value is null or stats_max_value is null))
    from parquet_metadata(${list}) where path_in_schema in (${names}) group by all`)
  type Told = [
    path: string,
    column: string,
    least: bigint | null,
    greatest: bigint | null,
    silent: boolean,
  ]
  for (const [path, column, least, greatest, silent] of rows.getRowsJS() as Told[]) {
    const told = silent
      ? await boundsOf(column, readParquet(path), connection)
      : { least, greatest }
    if (column !== 'tokens') refuseBeyond(path, column, told)
    else if (told.greatest !== null && told.greatest > MOST_CHARACTERS)
      await refuseTokens(path, connection)
  }
}

/** The same of a live file, by what reads it. */
export async function checkLiveInstants(
  path: string,
  table: TableName,
  reader: string,
  connection: DuckDBConnection,
): Promise<void> {
  for (const column of INSTANTS.filter(name => name in TABLES[table]))
    refuseBeyond(path, column, await boundsOf(column, reader, connection))
}

async function boundsOf(
  column: string,
  reader: string,
  connection: DuckDBConnection,
): Promise<Bounds> {
  const rows = await connection.runAndReadAll(
    `select min(${column})::bigint, max(${column})::bigint from ${reader}`,
  )
  const [least, greatest] = rows.getRowsJS()[0] as [bigint | null, bigint | null]
  return { least, greatest }
}

function refuseBeyond(path: string, column: string, { least, greatest }: Bounds): void {
  const beyond = [least, greatest].find(ns => ns !== null && (ns <= -LIMIT_NS || ns >= LIMIT_NS))
  if (beyond === undefined) return
  throw new UserError(
    `${path}: ${column} is ${beyond} ns, which is more than 104 days from the run's zero`,
    'write instants as whole nanoseconds since the zero of the run, or restore the file that was there',
  )
}

/** Messages of an imported run say how many tokens they hold: no more than an answer may have. */
async function refuseTokens(path: string, connection: DuckDBConnection): Promise<void> {
  const rows = await connection.runAndReadAll(
    `select max(tokens)::bigint from ${readParquet(path)} where content_index is not null`,
  )
  const [most] = rows.getRowsJS()[0] as [bigint | null]
  if (most !== null && most > MOST_CHARACTERS)
    throw new UserError(
      `${path}: a message has ${most} tokens, of which an answer has ${MOST_CHARACTERS} at most`,
      'import the results again, or restore the file that was there',
    )
}
