import type { ColumnData, Columns } from '../../schemas/columns.ts'
import { MESSAGES } from './messages-table.ts'

/** Rows of a batch. A multiple of DuckDB's 2,048, so that every chunk but the last is full. */
const ROWS = 8192

/**
 * One column of a batch. All have the same shape, with numbers as 32-bit words, since this is where
 * most of decoding's own time goes.
 */
export type MessageColumn = {
  /** Two words a row for an int64, lowest first. */
  words: Uint32Array
  offsets: Int32Array
  bytes: Buffer
  nBytes: number
  validity: Uint8Array
  nullCount: number
}

/** Fills the columns of MESSAGES in place, a batch at a time. A cell that is not set is null. */
export type MessageBatch = {
  columns: Record<keyof typeof MESSAGES, MessageColumn>
  uint32(column: MessageColumn, value: number): void
  int64(column: MessageColumn, value: number): void
  text(column: MessageColumn, value: string): void
  /** The row is whole. */
  next(): void
  flush(): void
}

/** @param full  takes a whole batch; its buffers are used again after the call */
export function messageBatch(full: (columns: Columns) => void): MessageBatch {
  const types = Object.entries(MESSAGES).map(([name, [type]]) => [name, type] as const)
  const columns = Object.fromEntries(
    types.map(([name, type]) => [name, newColumn(type)]),
  ) as MessageBatch['columns']
  const texts = types
    .filter(([, type]) => type === 'text?')
    .map(([name]) => columns[name as 'text'])
  let row = 0

  const present = (column: MessageColumn): void => {
    column.validity[row >> 3]! |= 1 << (row & 7)
    column.nullCount--
  }
  const flush = (): void => {
    if (row === 0) return
    const filled = types.map(([name, type]) => [name, dataOf(columns[name as 'text'], type, row)])
    full({ length: row, columns: Object.fromEntries(filled) })
    row = 0
    for (const column of Object.values(columns)) {
      column.nBytes = 0
      column.nullCount = ROWS
      column.validity.fill(0)
    }
  }

  return {
    columns,
    uint32(column, value) {
      column.words[row] = value
      present(column)
    },
    int64(column, value) {
      column.words[2 * row] = value
      column.words[2 * row + 1] = Math.floor(value / 0x1_0000_0000)
      present(column)
    },
    text(column, value) {
      const most = column.nBytes + 3 * value.length
      if (most > column.bytes.length) {
        const grown = Buffer.alloc(Math.max(2 * column.bytes.length, most))
        grown.set(column.bytes.subarray(0, column.nBytes))
        column.bytes = grown
      }
      column.nBytes += column.bytes.write(value, column.nBytes)
      present(column)
    },
    next() {
      row++
      for (const column of texts) column.offsets[row] = column.nBytes
      if (row === ROWS) flush()
    },
    flush,
  }
}

function newColumn(type: string): MessageColumn {
  const text = type === 'text?'
  return {
    words: new Uint32Array(text ? 0 : type.startsWith('int64') ? 2 * ROWS : ROWS),
    offsets: new Int32Array(text ? ROWS + 1 : 0),
    bytes: Buffer.alloc(text ? 16 * ROWS : 0),
    nBytes: 0,
    validity: new Uint8Array(ROWS / 8),
    nullCount: ROWS,
  }
}

function dataOf(column: MessageColumn, type: string, rows: number): ColumnData {
  const { words, offsets, bytes, nBytes } = column
  const nullCount = column.nullCount - (ROWS - rows)
  const validity = column.validity.subarray(0, (rows + 7) >> 3)
  return {
    ...(type.startsWith('uint32') ? { values: words.subarray(0, rows) } : {}),
    ...(type.startsWith('int64')
      ? { values: new BigInt64Array(words.buffer as ArrayBuffer, 0, rows) }
      : {}),
    ...(type === 'text?'
      ? { offsets: offsets.subarray(0, rows + 1), bytes: bytes.subarray(0, nBytes) }
      : {}),
    ...(nullCount > 0 && type.endsWith('?') ? { validity, nullCount } : {}),
  }
}
