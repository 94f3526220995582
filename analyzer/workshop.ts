import type { DuckDBConnection } from '@duckdb/node-api'
import { TABLES } from '../schemas/tables.ts'
import { MESSAGES } from './decode/messages-table.ts'
import { DuckDBInstance } from './duckdb.ts'

/** A database in which projections of tapes are made, apart from the one that answers, which may be locked. */
export type Workshop = { connection: DuckDBConnection; close(): void }

/** @param scratch  where it may put what does not fit into memory */
export async function openWorkshop(scratch: string): Promise<Workshop> {
  const instance = await DuckDBInstance.create(':memory:', { temp_directory: scratch })
  const connection = await instance.connect()
  const { arrowScan } = await import('../schemas/arrow-scan.ts')
  connection.registerTableFunction(arrowScan(new Map(), { ...TABLES, messages: MESSAGES }))
  return {
    connection,
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
