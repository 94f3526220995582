/**
 * Whether the vectors of an Arrow message lie within its bytes, as far as decoding it walks through them.
 *
 * A message's header has no checksum. One wrong bit in a length would have a decoder make two thousand million
 * nodes before anything is found to be wrong.
 *
 * @see the FlatBuffers internals: a table begins with the distance back to its vtable, which has the place of each
 *      field; a vector is its length and then its items
 */
export function isBounded(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fieldAt = (table: number, field: number): number | undefined => {
    const vtable = table - view.getInt32(table, true)
    const entry = 4 + 2 * field
    if (entry >= view.getUint16(vtable, true)) return undefined
    const offset = view.getUint16(vtable + entry, true)
    return offset === 0 ? undefined : table + offset
  }
  const followed = (at: number): number => at + view.getUint32(at, true)
  /** Where the items of a vector begin, and how many there are; throws where they go beyond the bytes. */
  const vectorOf = (table: number, field: number, itemBytes: number): [at: number, n: number] => {
    const at = fieldAt(table, field)
    if (at === undefined) return [0, 0]
    const vector = followed(at)
    const n = view.getUint32(vector, true)
    if (n * itemBytes > view.byteLength - vector - 4)
      throw new RangeError('a vector beyond its message')
    return [vector + 4, n]
  }
  const checkFields = (table: number, field: number, depth: number): void => {
    if (depth > MOST_DEPTH) throw new RangeError('fields within fields without end')
    const [at, n] = vectorOf(table, field, 4)
    for (let i = 0; i < n; i++) {
      const each = followed(at + 4 * i)
      vectorOf(each, FIELD.customMetadata, 4)
      checkFields(each, FIELD.children, depth + 1)
    }
  }
  try {
    const message = followed(0)
    vectorOf(message, MESSAGE.customMetadata, 4)
    const type = fieldAt(message, MESSAGE.headerType)
    const header = fieldAt(message, MESSAGE.header)
    if (type === undefined || header === undefined) return false
    const table = followed(header)
    if (view.getUint8(type) === SCHEMA_TYPE) {
      vectorOf(table, SCHEMA.customMetadata, 4)
      vectorOf(table, SCHEMA.features, 8)
      checkFields(table, SCHEMA.fields, 0)
    } else {
      vectorOf(table, BATCH.nodes, 16)
      vectorOf(table, BATCH.buffers, 16)
    }
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

const MOST_DEPTH = 4
const SCHEMA_TYPE = 1
/** The positions of fields in the tables of Arrow's Message.fbs and Schema.fbs. */
const MESSAGE = { headerType: 1, header: 2, customMetadata: 4 }
const SCHEMA = { fields: 1, customMetadata: 2, features: 3 }
const FIELD = { children: 5, customMetadata: 6 }
const BATCH = { nodes: 1, buffers: 2 }
