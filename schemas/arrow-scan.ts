import {
  BIGINT,
  BLOB,
  DuckDBTableFunction,
  type DuckDBType,
  ENUM,
  LIST,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { type Batch, type LogEnd, readArrowLog } from './arrow-log.ts'
import { mergeSmall } from './batch-merge.ts'
import type { ColumnData } from './columns.ts'
import { EVENT_KINDS, TABLES, type Table } from './tables.ts'

/** Rows of a DuckDB data chunk. */
const CHUNK_ROWS = 2048

const DUCKDB: Record<string, DuckDBType> = {
  kind: ENUM(EVENT_KINDS),
  uint8: UTINYINT,
  uint16: USMALLINT,
  uint32: UINTEGER,
  int64: BIGINT,
  text: VARCHAR,
  bytes: BLOB,
  'uint32[]': LIST(UINTEGER),
}

/** How a scan ended, by path: whether the log was whole, and how many rows it gave. */
export type ScanEnds = Map<string, LogEnd & { rows: number }>

/**
 * Reads a log to its end.
 *
 * @throws UserError as `readArrowLog`
 */
export function endOf(path: string, table: Table): LogEnd & { rows: number } {
  const batches = readArrowLog(path, table)
  for (let rows = 0; ; ) {
    const { done, value } = batches.next()
    if (done) return { ...value, rows }
    rows += value.length
  }
}

/**
 * A DuckDB table function over the live log of a tape: `read_arrow_log(path, table)`.
 *
 * Gives the whole batches of a file that may still be growing or was cut, in file order, in
 * bounded memory. It runs on the JavaScript thread of the connection that queries it.
 *
 * @param ends    filled with how each scan ended
 * @param tables  the tables that it knows by name
 */
export const arrowScan = (
  ends: ScanEnds,
  tables: Record<string, Table> = TABLES,
): DuckDBTableFunction =>
  DuckDBTableFunction.create({
    name: 'read_arrow_log',
    parameterTypes: [VARCHAR, VARCHAR],
    supportsProjectionPushdown: true,
    bindFunction(bind) {
      const path = String(bind.getParameter(0))
      const table = tables[String(bind.getParameter(1))]!
      for (const [name, [type]] of Object.entries(table))
        bind.addResultColumn(name, DUCKDB[type.replace('?', '')]!)
      bind.setBindData({ path, table })
    },
    initFunction(init) {
      const { path, table } = init.bindData as { path: string; table: Table }
      const names = Object.keys(table)
      const wanted = init.getColumnIndexes().map(index => names[index]!)
      init.setMaxThreads(1)
      init.setInitData({
        path,
        batches: mergeSmall(readArrowLog(path, table), wanted),
        wanted,
        types: wanted.map(name => table[name]![0].replace('?', '')),
        batch: undefined,
        row: 0,
        rows: 0,
      } satisfies Scan)
    },
    mainFunction(info, chunk) {
      const scan = info.initData as Scan
      const length = nextRows(scan, ends)
      chunk.rowCount = length
      if (length === 0) return
      for (const [i, name] of scan.wanted.entries()) {
        const vector = duckdb.data_chunk_get_vector(chunk.chunk, i)
        fill(vector, scan.types[i]!, scan.batch!.columns[name]!, scan.row, length)
      }
      scan.row += length
      scan.rows += length
    },
  })

type Scan = {
  path: string
  batches: Generator<Batch, LogEnd>
  wanted: string[]
  types: string[]
  batch: Batch | undefined
  row: number
  rows: number
}

function nextRows(scan: Scan, ends: ScanEnds): number {
  while (!scan.batch || scan.row === scan.batch.length) {
    const next = scan.batches.next()
    if (next.done) {
      ends.set(scan.path, { ...next.value, rows: scan.rows })
      scan.batch = undefined
      return 0
    }
    scan.batch = next.value
    scan.row = 0
  }
  return Math.min(CHUNK_ROWS, scan.batch.length - scan.row)
}

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>

function fill(vector: Vector, type: string, column: ColumnData, row: number, length: number): void {
  const { values, offsets, bytes, items, validity } = column
  if (values) copy(vector, values.subarray(row, row + length))
  else if (items && offsets) fillList(vector, offsets.subarray(row, row + length + 1), items)
  else if (bytes && offsets)
    for (let i = 0; i < length; i++) {
      if (validity && !isValid(validity, row + i)) continue
      const piece = bytes.subarray(offsets[row + i]!, offsets[row + i + 1]!)
      duckdb.vector_assign_string_element_len(vector, i, piece)
    }
  else throw new Error(`a ${type} column without data`)
  if (validity) setNulls(vector, validity, row, length)
}

function copy(vector: Vector, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
  duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset, byteLength)
}

// A DuckDB list entry is two unsigned 64-bit numbers: where its items start, and how many.
function fillList(vector: Vector, offsets: Int32Array, items: Uint32Array): void {
  const start = offsets[0]!
  const end = offsets[offsets.length - 1]!
  const entries = new BigUint64Array(2 * (offsets.length - 1))
  for (let i = 0; i + 1 < offsets.length; i++) {
    entries[2 * i] = BigInt(offsets[i]! - start)
    entries[2 * i + 1] = BigInt(offsets[i + 1]! - offsets[i]!)
  }
  copy(vector, entries)
  duckdb.list_vector_reserve(vector, end - start)
  duckdb.list_vector_set_size(vector, end - start)
  if (end > start) copy(duckdb.list_vector_get_child(vector), items.subarray(start, end))
}

const isValid = (validity: Uint8Array, row: number): boolean =>
  (validity[row >> 3]! & (1 << (row & 7))) !== 0

// Chunks begin at a multiple of CHUNK_ROWS, so the bits are copied as whole bytes.
function setNulls(vector: Vector, validity: Uint8Array, row: number, length: number): void {
  const { buffer, byteOffset } = validity
  duckdb.vector_ensure_validity_writable(vector)
  duckdb.copy_data_to_vector_validity(
    vector,
    0,
    buffer as ArrayBuffer,
    byteOffset + (row >> 3),
    (length + 7) >> 3,
  )
}
