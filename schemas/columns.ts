import { type Data, makeData, RecordBatch, type Schema, Struct } from 'apache-arrow'
import { EVENT_KINDS, type Table } from './tables.ts'

/** The values of one column: numbers as they are, strings and blobs as offsets into bytes. */
export type ColumnData = {
  values?: Uint8Array | Uint16Array | Uint32Array | BigInt64Array
  /** Where each value starts in `bytes` or `items`, and one more entry for the end. */
  offsets?: Int32Array
  bytes?: Uint8Array
  items?: Uint32Array
  /** Arrow validity bits; absent when nothing is null. */
  validity?: Uint8Array
  nullCount?: number
}
export type Columns = { length: number; columns: Record<string, ColumnData> }

/** Rows as columns. For tables of few rows: the event log fills its columns in place. */
export function columnsOf(table: Table, rows: readonly Record<string, unknown>[]): Columns {
  const columns: Record<string, ColumnData> = {}
  for (const [name, [type]] of Object.entries(table))
    columns[name] = columnOf(
      type,
      rows.map(row => row[name] ?? null),
    )
  return { length: rows.length, columns }
}

/** A column in which nothing is known. */
export const nullColumn = (type: string, length: number): ColumnData =>
  columnOf(type, Array(length).fill(null))

const utf8 = new TextEncoder()

function columnOf(type: string, cells: unknown[]): ColumnData {
  const nulls = type.endsWith('?') ? nullsOf(cells) : {}
  switch (type.replace('?', '')) {
    case 'kind':
      return { values: Uint8Array.from(cells, kind => EVENT_KINDS.indexOf(kind as never)) }
    case 'uint8':
      return { values: Uint8Array.from(cells as number[]) }
    case 'uint16':
      return { values: Uint16Array.from(cells as number[]) }
    case 'uint32':
      return { values: Uint32Array.from(cells as number[]), ...nulls }
    case 'int64':
      return { values: BigInt64Array.from(cells, n => BigInt((n as number) ?? 0)), ...nulls }
    case 'text':
      return { ...joined(cells.map(text => utf8.encode((text as string) ?? ''))), ...nulls }
    case 'bytes':
      return { ...joined(cells.map(bytes => (bytes as Uint8Array) ?? new Uint8Array())), ...nulls }
    case 'uint32[]': {
      const lists = cells.map(list => (list as number[]) ?? [])
      return { offsets: offsetsOf(lists), items: Uint32Array.from(lists.flat()), ...nulls }
    }
    default:
      throw new Error(`no column type ${type}`)
  }
}

function nullsOf(cells: unknown[]): ColumnData {
  const nullCount = cells.filter(cell => cell === null).length
  if (nullCount === 0) return {}
  const validity = new Uint8Array((cells.length + 7) >> 3)
  for (const [i, cell] of cells.entries()) if (cell !== null) validity[i >> 3]! |= 1 << (i & 7)
  return { validity, nullCount }
}

function offsetsOf(parts: readonly ArrayLike<unknown>[]): Int32Array {
  const offsets = new Int32Array(parts.length + 1)
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length
  return offsets
}

function joined(parts: readonly Uint8Array[]): ColumnData {
  const offsets = offsetsOf(parts)
  const bytes = new Uint8Array(offsets[parts.length]!)
  for (const [i, part] of parts.entries()) bytes.set(part, offsets[i]!)
  return { offsets, bytes }
}

/** Columns as an Arrow record batch, without copying them; `metadata` is stored with the batch. */
export function recordBatch(
  schema: Schema,
  { length, columns }: Columns,
  metadata?: Map<string, string>,
): RecordBatch {
  const children = schema.fields.map(field => {
    const { values, offsets, bytes, items, validity, nullCount = 0 } = columns[field.name]!
    const child = items && makeData({ type: field.type.children[0]!.type, data: items } as never)
    return makeData({
      type: field.type,
      length,
      nullCount,
      nullBitmap: validity,
      data: values ?? bytes,
      valueOffsets: offsets,
      child,
    } as never) as Data
  })
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
    metadata,
  )
}
