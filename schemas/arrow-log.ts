import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { Message, MessageHeader } from 'apache-arrow'
import { isBounded } from './arrow-bounds.ts'
import { crcOf } from './arrow-encoder.ts'
import { type ColumnData, type Columns, columnsOf } from './columns.ts'
import { checkRows } from './row-faults.ts'
import type { Table } from './tables.ts'

/** One batch as it lies in the file: the views are valid until the next batch is asked for. */
export type Batch = Columns & { endOffset: number }
export type LogEnd = {
  /** Bytes of the file up to the last whole batch. */
  goodBytes: number
  /** Why reading stopped before the end of the file; absent when the log is whole. */
  torn?: string
}

/**
 * Reads the whole batches of an Arrow IPC stream, which may have been cut at any byte.
 *
 * Stops at the first message that is incomplete or whose checksum does not match, and says so
 * in its return value: everything before it is good, nothing after it can be told apart from noise.
 *
 * A nullable column that came into the table after the log was written is NULL throughout.
 *
 * @throws UserError for a whole batch with a NULL or a kind of event that the table cannot have
 */
export function* readArrowLog(path: string, table: Table): Generator<Batch, LogEnd> {
  const file = openSync(path, 'r')
  try {
    return yield* readBatches({ path, file, size: fstatSync(file).size }, table)
  } finally {
    closeSync(file)
  }
}

function* readBatches(
  { path, file, size }: { path: string; file: number; size: number },
  table: Table,
): Generator<Batch, LogEnd> {
  let offset = 0
  let written: Table | undefined
  const bytesAt = windowOver(file, size)
  for (;;) {
    const torn = (reason: string): LogEnd => ({ goodBytes: offset, torn: reason })
    if (offset === size) return { goodBytes: offset }
    if (size - offset < 8) return torn('cut in a prefix')
    const prefix = bytesAt(offset, 8)
    if (prefix.readInt32LE(0) !== -1) return torn('no message where one should begin')
    const headerBytes = prefix.readInt32LE(4)
    if (headerBytes === 0) return { goodBytes: offset + 8 }
    if (headerBytes < 0 || size - offset - 8 < headerBytes) return torn('cut in a message header')
    // A copy: Arrow decodes it bit by bit, when the window may have moved on.
    const message = decodeMessage(Buffer.from(bytesAt(offset + 8, headerBytes)))
    if (!message) return torn('a message header that is not Arrow')
    const { bodyBytes } = message
    const bodyOffset = offset + 8 + headerBytes
    if (bodyBytes < 0 || size - bodyOffset < bodyBytes) return torn('cut in a batch')
    if (message.type === MessageHeader.Schema) written = columnsWritten(message.fields, table)
    if (message.type === MessageHeader.RecordBatch) {
      if (!written) return torn('columns that are not those of this table')
      const columns = columnsIn(message.header, bytesAt(bodyOffset, bodyBytes), written)
      if (!columns || String(crcOf(columns)) !== message.crc32)
        return torn('a batch whose checksum does not match')
      checkRows(path, columns, written)
      yield { ...withLater(columns, written, table), endOffset: bodyOffset + bodyBytes }
      // A log has one schema, at its beginning, and batches: anything else would hide a batch.
    } else if (message.type !== MessageHeader.Schema || offset > 0)
      return torn('a message that is no batch')
    offset = bodyOffset + bodyBytes
  }
}

/** Messages of up to so many bytes are read together with those behind them. */
const WINDOW_BYTES = 1 << 16

/**
 * Bytes of a file by offset, mostly without a system call. They are valid until the next call.
 *
 * What is larger than the window is read alone and exactly.
 */
function windowOver(file: number, size: number): (offset: number, nBytes: number) => Buffer {
  let window = Buffer.from(new ArrayBuffer(WINDOW_BYTES))
  let start = 0
  let end = 0
  return (offset, nBytes) => {
    if (offset < start || offset + nBytes > end) {
      if (nBytes > window.length)
        window = Buffer.from(new ArrayBuffer(Math.max(nBytes, 2 * window.length)))
      const wanted = Math.min(Math.max(nBytes, WINDOW_BYTES), size - offset)
      start = offset
      end = offset + readSync(file, window, 0, wanted, offset)
    }
    return window.subarray(offset - start, offset - start + nBytes)
  }
}

type ReadMessage = {
  type: MessageHeader
  bodyBytes: number
  header: BatchHeader
  /** Names of the columns, of a schema. */
  fields: string[]
  crc32: string | undefined
}

/** The message in `bytes`, or undefined where they are not one. All of it at once: Arrow reads parts when asked. */
function decodeMessage(bytes: Uint8Array): ReadMessage | undefined {
  if (!isBounded(bytes)) return undefined
  try {
    const message = Message.decode(bytes)
    const { fields = [] } = message.header() as unknown as { fields?: { name: string }[] }
    return {
      type: message.headerType,
      bodyBytes: Number(message.bodyLength),
      header: message.header() as unknown as BatchHeader,
      fields: fields.map(({ name }) => name),
      crc32: message.metadata.get('crc32'),
    }
  } catch {
    return undefined
  }
}

/** The columns that a log has, in its own order, or undefined where it cannot be read as the table. */
function columnsWritten(names: readonly string[], table: Table): Table | undefined {
  const isKnown = names.every(name => Object.hasOwn(table, name))
  const isWhole = Object.entries(table).every(
    ([name, [type]]) => names.includes(name) || type.endsWith('?'),
  )
  if (!isKnown || !isWhole) return undefined
  return Object.fromEntries(names.map(name => [name, table[name]!]))
}

/** With the table's later columns, all NULL. */
function withLater({ length, columns }: Columns, written: Table, table: Table): Columns {
  const later = Object.entries(table).filter(([name]) => !Object.hasOwn(written, name))
  if (later.length === 0) return { length, columns }
  const nulls = columnsOf(Object.fromEntries(later), Array(length).fill({}))
  return { length, columns: { ...columns, ...nulls.columns } }
}

const BYTES_PER: Record<string, number> = { kind: 1, uint8: 1, uint16: 2, uint32: 4, int64: 8 }

/** Views of a batch's columns in `body`, or undefined where the layout is not the table's. */
function columnsIn(header: BatchHeader, body: Buffer, table: Table): Columns | undefined {
  const { length, buffers, nodes } = header
  const columns: Record<string, ColumnData> = {}
  let nextBuffer = 0
  let nextNode = 0
  const take = (byteLength: number): Uint8Array => {
    const { offset } = buffers[nextBuffer++]!
    return body.subarray(offset, offset + byteLength)
  }
  try {
    for (const [name, [type]] of Object.entries(table)) {
      const { nullCount } = nodes[nextNode++]!
      const column: ColumnData = {}
      const validity = take((length + 7) >> 3)
      if (nullCount > 0) Object.assign(column, { validity, nullCount })
      const base = type.replace('?', '')
      const width = BYTES_PER[base]
      if (width) {
        column.values = typed(base, take(length * width))
      } else {
        column.offsets = typed('int32', take(4 * (length + 1))) as Int32Array
        const end = column.offsets[length]!
        if (base === 'uint32[]') {
          nextNode++
          nextBuffer++
          column.items = typed('uint32', take(4 * end)) as Uint32Array
        } else column.bytes = take(end)
      }
      columns[name] = column
    }
  } catch {
    return undefined
  }
  return nextBuffer === buffers.length ? { length, columns } : undefined
}

type BatchHeader = {
  length: number
  nodes: { nullCount: number }[]
  buffers: { offset: number; length: number }[]
}

// Arrow pads every buffer to 8 bytes within the body, and the body is its own allocation.
function typed(type: string, { buffer, byteOffset, byteLength }: Uint8Array): never {
  switch (type) {
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, byteLength / 8) as never
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, byteLength / 4) as never
    case 'int32':
      return new Int32Array(buffer, byteOffset, byteLength / 4) as never
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, byteLength / 2) as never
    default:
      return new Uint8Array(buffer, byteOffset, byteLength) as never
  }
}
