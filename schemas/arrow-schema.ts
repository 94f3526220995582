import {
  Binary,
  type DataType,
  Field,
  Int64,
  List,
  Schema,
  Uint8,
  Uint16,
  Uint32,
  Utf8,
} from 'apache-arrow'
import type { ColumnType, Table } from './tables.ts'

// A file of its own: to read a sealed tape the tables must be known, and Arrow need not be loaded.
const ARROW = {
  kind: () => new Uint8(),
  uint8: () => new Uint8(),
  uint16: () => new Uint16(),
  uint32: () => new Uint32(),
  'uint32?': () => new Uint32(),
  int64: () => new Int64(),
  'int64?': () => new Int64(),
  text: () => new Utf8(),
  'text?': () => new Utf8(),
  bytes: () => new Binary(),
  'bytes?': () => new Binary(),
  'uint32[]?': () => new List(new Field('item', new Uint32(), false)),
} as const satisfies Record<ColumnType, () => DataType>

/** The Arrow schema of a table; a name that ends in `?` in `Column` is nullable here. */
export const arrowSchema = (table: Table, metadata?: Map<string, string>): Schema =>
  new Schema(
    Object.entries(table).map(
      ([name, [type, unit, doc]]) =>
        new Field(
          name,
          ARROW[type](),
          type.endsWith('?'),
          new Map([
            ['unit', unit],
            ['doc', doc],
          ]),
        ),
    ),
    metadata,
  )
