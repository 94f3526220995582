import type { DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import {
  AsyncByteQueue,
  Binary,
  Bool,
  type Data,
  type DataType,
  Decimal,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  makeBuilder,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow'
import { DuckDBTypeId as Id } from './duckdb.ts'
import type { ResultSink } from './locked.ts'
import type { Destination } from './result-sinks.ts'

/**
 * Results as Arrow IPC: `stream` for pipes, `file` (Feather) for files that are opened at any place.
 *
 * HUGEINT, which sums of whole numbers are, becomes DECIMAL(38,0). What Arrow has no type for is text.
 */
export function arrowSink(framing: 'stream' | 'file', to: Destination): ResultSink {
  const pieces = new PieceSink(to)
  const writer = framing === 'stream' ? new RecordBatchStreamWriter() : new RecordBatchFileWriter()
  let schema: Schema
  let columns: Column[] = []
  return {
    begin(names, types) {
      columns = types.map(columnOf)
      schema = new Schema(names.map((name, i) => new Field(name, columns[i]!.type, true)))
      writer.reset(pieces, schema)
    },
    rows(chunk) {
      writer.write(batchOf(chunk, schema, columns))
      return true
    },
    end() {
      writer.finish()
    },
  }
}

/** Hands on the bytes of a writer as it makes them. */
class PieceSink extends AsyncByteQueue {
  readonly to: Destination
  constructor(to: Destination) {
    super()
    this.to = to
  }
  override write(piece: Uint8Array): void {
    if (piece.byteLength > 0) this.to.write(piece)
  }
}

type Column = {
  type: DataType
  /** The type of the same layout that its values are appended as, where that is not its own. */
  built?: DataType
  valueOf(value: NonNullable<DuckDBValue>): unknown
}

function batchOf(chunk: DuckDBDataChunk, schema: Schema, columns: Column[]): RecordBatch {
  const children = columns.map(({ type, built = type, valueOf: converted }, i): Data => {
    const builder = makeBuilder({ type: built, nullValues: [null] })
    for (const value of chunk.getColumnValues(i))
      builder.append(value === null ? null : converted(value))
    const data = builder.finish().flush()
    return built === type ? data : data.clone(type)
  })
  const type = new Struct(schema.fields)
  return new RecordBatch(schema, makeData({ type, length: chunk.rowCount, children }))
}

const same = (type: DataType): Column => ({ type, valueOf: value => value })

const asText: Column = { type: new Utf8(), valueOf: String }

const SIMPLE: Record<number, () => DataType> = {
  [Id.BOOLEAN]: () => new Bool(),
  [Id.TINYINT]: () => new Int8(),
  [Id.SMALLINT]: () => new Int16(),
  [Id.INTEGER]: () => new Int32(),
  [Id.BIGINT]: () => new Int64(),
  [Id.UTINYINT]: () => new Uint8(),
  [Id.USMALLINT]: () => new Uint16(),
  [Id.UINTEGER]: () => new Uint32(),
  [Id.UBIGINT]: () => new Uint64(),
  [Id.FLOAT]: () => new Float32(),
  [Id.DOUBLE]: () => new Float64(),
  [Id.VARCHAR]: () => new Utf8(),
  [Id.ENUM]: () => new Utf8(),
}

function columnOf(type: DuckDBType): Column {
  const simple = SIMPLE[type.typeId]
  if (simple) return same(simple())
  const of = type as unknown as { width: number; scale: number; valueType: DuckDBType }
  switch (type.typeId) {
    case Id.HUGEINT:
      return {
        type: new Decimal(0, 38, 128),
        valueOf: value => wordsOf(value as unknown as bigint),
      }
    case Id.DECIMAL:
      return {
        type: new Decimal(of.scale, of.width, 128),
        valueOf: value => wordsOf((value as unknown as { value: bigint }).value),
      }
    case Id.BLOB:
      return {
        type: new Binary(),
        valueOf: value => (value as unknown as { bytes: Uint8Array }).bytes,
      }
    case Id.TIMESTAMP:
    case Id.TIMESTAMP_TZ:
      return {
        type: new TimestampMicrosecond(type.typeId === Id.TIMESTAMP_TZ ? 'UTC' : null),
        // Arrow takes timestamps as milliseconds in a float.
        built: new Int64(),
        valueOf: value => (value as unknown as { micros: bigint }).micros,
      }
    case Id.LIST: {
      const found = columnOf(of.valueType)
      const item = found.built ? asText : found
      return {
        type: new List(new Field('item', item.type, true)),
        valueOf: value =>
          (value as unknown as { items: DuckDBValue[] }).items.map(inner =>
            inner === null ? null : item.valueOf(inner),
          ),
      }
    }
    default:
      return asText
  }
}

/** A whole number as the four words of an Arrow decimal, the least first. */
const wordsOf = (value: bigint): Uint32Array =>
  Uint32Array.from({ length: 4 }, (_, i) => Number((value >> BigInt(32 * i)) & 0xffff_ffffn))
