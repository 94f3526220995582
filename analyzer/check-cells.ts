import type { DuckDBConnection } from '@duckdb/node-api'
import { nullIn, unknownKind } from '../schemas/row-faults.ts'
import { EVENT_KINDS } from '../schemas/tables.ts'
import { readParquet } from './parquet.ts'

// Columns that are not looked at here may be NULL: what is not known is missing from the numbers too. Live files are
// checked as they are read.

/**
 * Refuses a sealed file of events of which nobody can say what happened, to what, or when.
 *
 * @param needed  the columns in which each row must have something
 * @throws UserError naming the file and the column
 */
export async function checkEvents(
  path: string,
  needed: readonly ('request_id' | 'kind' | 'at_ns')[],
  connection: DuckDBConnection,
): Promise<void> {
  await checkColumns(path, needed, connection)
  const kinds = EVENT_KINDS.map(kind => `'${kind}'`).join(', ')
  const [kind] = await firstRow(
    `select any_value(kind::varchar) from ${readParquet(path)} where kind not in (${kinds})`,
    connection,
  )
  if (kind !== null) throw unknownKind(path, String(kind))
}

/** @throws UserError naming the file and the column */
export async function checkColumns(
  path: string,
  needed: readonly string[],
  connection: DuckDBConnection,
): Promise<void> {
  const counts = needed.map(name => `count(${name}) < count(*)`)
  const haveNulls = await firstRow(
    `select ${counts.join(', ')} from ${readParquet(path)}`,
    connection,
  )
  const first = haveNulls.indexOf(true)
  if (first >= 0) throw nullIn(path, needed[first]!)
}

const firstRow = async (sql: string, connection: DuckDBConnection): Promise<unknown[]> =>
  (await connection.runAndReadAll(sql)).getRowsJS()[0]!
