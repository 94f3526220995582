import type { DuckDBConnection } from '@duckdb/node-api'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import { TABLES, type TableName } from '../../schemas/tables.ts'
import { tableFiles } from '../../schemas/tape.ts'
import { readParquet } from '../parquet.ts'

/** Classes of DuckDB errors that are about our SQL, not about the file that is read. */
const OUR_FAULT = /^(Binder|Catalog|Parser|Internal|Syntax) Error: /

/** What reading a file of a tape failed with, as the person's fault where DuckDB says the file is. */
export function damaged(path: string, error: unknown): unknown {
  const [reason] = reasonOf(error).split('\n')
  if (
    error instanceof UserError ||
    !/^[A-Z][\w ]* Error: /.test(reason!) ||
    OUR_FAULT.test(reason!)
  )
    return error
  return new UserError(
    `${path}: damaged: ${reason}`,
    'restore it from a copy of the tape, or record again',
  )
}

/** The same for a query over several files of tapes: the first of them that cannot be read is named. */
export async function damagedAmong(
  tapes: readonly string[],
  error: unknown,
  connection: DuckDBConnection,
): Promise<unknown> {
  const fault = damaged(tapes.join(', '), error)
  if (fault === error) return error
  const files = tapes.flatMap(tape =>
    (Object.keys(TABLES) as TableName[]).flatMap(table => tableFiles(tape, table)),
  )
  for (const { path, state } of files) {
    if (state === 'live') continue
    try {
      await connection.run(`select bit_xor(hash(rows)) from ${readParquet(path)} as rows`)
    } catch (reason) {
      return damaged(path, reason)
    }
  }
  return fault
}
