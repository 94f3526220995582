import { closeSync, openSync, writevSync } from 'node:fs'
import { arrowEncoder } from '../../schemas/arrow-encoder.ts'
import { columnsOf } from '../../schemas/columns.ts'
import type { RowOf, Table } from '../../schemas/tables.ts'

/** Rows that are held before they are written. A multiple of DuckDB's 2,048. */
const ROWS = 8192

/** Writes rows to an Arrow stream as they come, in bounded memory. */
export type RowLog<T extends Table> = { add(row: RowOf<T>): void; end(): void }

export function rowLog<T extends Table>(path: string, table: T): RowLog<T> {
  const encoder = arrowEncoder(table)
  const file = openSync(path, 'w')
  let rows: RowOf<T>[] = []
  const flush = (): void => {
    if (rows.length > 0) writevSync(file, encoder.batch(columnsOf(table, rows)))
    rows = []
  }
  return {
    add(row) {
      if (rows.push(row) === ROWS) flush()
    },
    end() {
      flush()
      // A stream without a batch has no schema either, until one is asked for.
      writevSync(file, encoder.end())
      closeSync(file)
    },
  }
}
