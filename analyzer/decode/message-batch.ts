import type { ColumnData, Columns } from '../../schemas/columns.ts'
import { MESSAGES } from './messages-table.ts'

/** Rows of a batch. A multiple of DuckDB's 2,048, so that every chunk but the last is full. */
const ROWS = 8192

type Cell = number | string | null
export type MessageRow = { [K in keyof typeof MESSAGES]: Cell }

/** Fills the columns of MESSAGES in place, a batch at a time. */
export type MessageBatch = {
  /** Writes one cell of the next row. What is not written is null, or 0 where a column has no null. */
  set(column: keyof typeof MESSAGES, value: number | string): void
  /** The row is whole. */
  next(): void
  flush(): void
}

type Column = ColumnData & { type: string; nBytes: number }

/** @param full  takes a whole batch; its buffers are used again after the call */
export function messageBatch(full: (columns: Columns) => void): MessageBatch {
  const columns = Object.fromEntries(
    Object.entries(MESSAGES).map(([name, [type]]) => [name, newColumn(type)]),
  ) as Record<keyof typeof MESSAGES, Column>
  const all = Object.values(columns)
  const texts = all.filter(column => column.bytes)
  let row = 0

  const flush = (): void => {
    if (row === 0) return
    full({
      length: row,
      columns: Object.fromEntries(
        Object.entries(columns).map(([name, column]) => [name, filled(column, row)]),
      ),
    })
    row = 0
    for (const column of all) reset(column)
  }

  return {
    set(name, value) {
      const column = columns[name]
      if (typeof value === 'string') column.nBytes += writeText(column, value)
      else if (column.type === 'int64') setInt64(column.values as BigInt64Array, row, value)
      else (column.values as Uint32Array)[row] = value
      if (!column.validity) return
      column.validity[row >> 3]! |= 1 << (row & 7)
      column.nullCount!--
    },
    next() {
      row++
      for (const column of texts) column.offsets![row] = column.nBytes
      if (row === ROWS) flush()
    },
    flush,
  }
}

function newColumn(declared: string): Column {
  const type = declared.replace('?', '')
  const column: Column = { type, nBytes: 0 }
  if (type === 'text') {
    column.offsets = new Int32Array(ROWS + 1)
    column.bytes = Buffer.alloc(16 * ROWS)
  } else if (type === 'int64') column.values = new BigInt64Array(ROWS)
  else column.values = type === 'uint8' ? new Uint8Array(ROWS) : new Uint32Array(ROWS)
  if (declared.endsWith('?')) {
    column.validity = new Uint8Array(ROWS / 8)
    column.nullCount = ROWS
  }
  return column
}

function reset(column: Column): void {
  column.nBytes = 0
  column.validity?.fill(0)
  if (column.validity) column.nullCount = ROWS
}

function writeText(column: Column, text: string): number {
  const most = 3 * text.length
  if (column.nBytes + most > column.bytes!.length) {
    const grown = Buffer.alloc(Math.max(2 * column.bytes!.length, column.nBytes + most))
    grown.set(column.bytes!.subarray(0, column.nBytes))
    column.bytes = grown
  }
  return (column.bytes as Buffer).write(text, column.nBytes)
}

// As two halves: a BigInt per row would be garbage.
const halves = new WeakMap<BigInt64Array, Uint32Array>()
function setInt64(values: BigInt64Array, row: number, value: number): void {
  let words = halves.get(values)
  if (!words) {
    words = new Uint32Array(values.buffer)
    halves.set(values, words)
  }
  words[2 * row] = value
  words[2 * row + 1] = Math.floor(value / 0x1_0000_0000)
}

function filled(
  { values, offsets, bytes, validity, nullCount, nBytes }: Column,
  rows: number,
): ColumnData {
  const data: ColumnData = {}
  if (values) data.values = values.subarray(0, rows) as Uint32Array
  if (offsets) data.offsets = offsets.subarray(0, rows + 1)
  if (bytes) data.bytes = bytes.subarray(0, nBytes)
  const nulls = (nullCount ?? 0) - (ROWS - rows)
  if (validity && nulls > 0) {
    data.validity = validity.subarray(0, (rows + 7) >> 3)
    data.nullCount = nulls
  }
  return data
}
