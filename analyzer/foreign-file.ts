import type { DuckDBConnection } from '@duckdb/node-api'
import { reasonOf, UserError } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import type { TableFiles } from '../schemas/tape.ts'
import { quoted } from './quoted.ts'

/**
 * Refuses a Parquet file that is cut, is not what its name says, or belongs to another run.
 *
 * @throws UserError naming the file
 */
export async function checkFile(
  { path, state }: TableFiles,
  table: TableName,
  manifest: Manifest,
  connection: DuckDBConnection,
): Promise<void> {
  if (state === 'live') return
  const rows = async (sql: string): Promise<unknown[][]> =>
    (await connection.runAndReadAll(sql)).getRowsJS() as unknown[][]
  let columns: unknown[][]
  let runs: unknown[][]
  try {
    columns = await rows(`describe from read_parquet(${quoted(path)})`)
    runs = await rows(
      `select decode(value) from parquet_kv_metadata(${quoted(path)}) where decode(key) = 'run_id'`,
    )
  } catch (error) {
    throw new UserError(
      `${path}: cut or damaged: ${reasonOf(error).split('\n')[0]}`,
      'restore it from a copy of the tape, or record again',
    )
  }
  const names = new Set(columns.map(([name]) => name))
  const missing = Object.keys(TABLES[table]).filter(name => !names.has(name))
  if (missing.length > 0)
    throw new UserError(
      `${path}: not written by tokentape: it has no column "${missing[0]}"`,
      'take the file out of the tape, or restore the one that was there',
    )
  const run = runs[0]?.[0]
  if (run !== undefined && run !== manifest.run_id)
    throw new UserError(
      `${path}: belongs to the run ${run}, not to ${manifest.run_id}`,
      'take the file out of the tape, or restore the one that was there',
    )
}
