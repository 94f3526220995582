import { closeSync, fdatasyncSync, fstatSync, openSync, statSync, writevSync } from 'node:fs'
import { arrowEncoder } from '../schemas/arrow-encoder.ts'
import { type Columns, columnsOf } from '../schemas/columns.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { tableFile } from '../schemas/tape.ts'

/** A table's growing file: batches go in, bytes are on their way to the disk when `append` returns. */
export function tableLog(tape: string, table: TableName, lane: number) {
  const path = tableFile(tape, table, lane, 'live')
  const file = openSync(path, 'wx')
  const encoder = arrowEncoder(TABLES[table])
  let dirty = false
  return {
    path,
    append(columns: Columns): void {
      writeAll(file, encoder.batch(columns))
      dirty = true
    },
    appendRows(rows: readonly Record<string, unknown>[]): void {
      if (rows.length > 0) this.append(columnsOf(TABLES[table], rows))
    },
    /**
     * Waits until the disk has everything; kill -9 does not need it, a power cut does.
     *
     * @throws where the file is no longer at its path: what is written to it would go with it
     */
    sync(): void {
      if (dirty) fdatasyncSync(file)
      dirty = false
      const there = statSync(path, { throwIfNoEntry: false })
      if (there?.ino !== fstatSync(file).ino)
        throw Object.assign(new Error('the file was removed or replaced while it was written'), {
          code: 'ENOENT',
        })
    },
    end(): void {
      writeAll(file, encoder.end())
      dirty = true
      try {
        this.sync()
      } finally {
        closeSync(file)
      }
    },
  }
}

/** writev may write less than asked: the rest is tried again, so that a full disk gives its error. */
function writeAll(file: number, pieces: Uint8Array[]): void {
  let rest = pieces
  while (rest.length > 0) {
    let written = writevSync(file, rest)
    let i = 0
    while (i < rest.length && written >= rest[i]!.length) written -= rest[i++]!.length
    rest = written > 0 ? [rest[i]!.subarray(written), ...rest.slice(i + 1)] : rest.slice(i)
  }
}
