import type { DuckDBConnection } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { readArrowLog } from '../../schemas/arrow-log.ts'
import { UserError } from '../../schemas/errors.ts'
import { nullIn } from '../../schemas/row-faults.ts'
import { EVENT_KINDS, EVENTS } from '../../schemas/tables.ts'
import type { TableFiles } from '../../schemas/tape.ts'
import { readParquet } from '../parquet.ts'

/** Some events in file order. The bytes are valid until the next batch is asked for. */
export type EventBatch = {
  length: number
  requestId: Uint32Array
  /** Positions in EVENT_KINDS. */
  kind: Uint8Array
  atNs: Float64Array
  status: Uint16Array
  /** Where each event's data lies: several events share a buffer. */
  data: Buffer[]
  start: Int32Array
  end: Int32Array
}

/** The events of one lane's file, whether it is live or sealed, in the order they happened. */
export const eventsOf = (
  { path, state }: TableFiles,
  connection: DuckDBConnection,
): Iterable<EventBatch> | AsyncIterable<EventBatch> =>
  state === 'live' ? liveEvents(path) : sealedEvents(path, connection)

function* liveEvents(path: string): Generator<EventBatch> {
  for (const { length, columns } of readArrowLog(path, EVENTS)) {
    const { offsets, bytes } = columns['data']!
    const buffer = Buffer.from(bytes!.buffer, bytes!.byteOffset, bytes!.byteLength)
    yield {
      length,
      requestId: columns['request_id']!.values as Uint32Array,
      kind: columns['kind']!.values as Uint8Array,
      atNs: exactNs(path, Float64Array.from(columns['at_ns']!.values as BigInt64Array, Number)),
      status: columns['status']!.values as Uint16Array,
      data: Array(length).fill(buffer),
      start: offsets!,
      end: offsets!.subarray(1),
    }
  }
}

/** Casts give each column the width that is read below, whatever integers a file has. */
const COLUMNS = {
  request_id: 'request_id::uinteger',
  kind: `(list_position([${EVENT_KINDS.map(kind => `'${kind}'`).join(', ')}], kind::varchar) - 1)::utinyint`,
  at_ns: 'at_ns::double',
  status: 'coalesce(status, 0)::usmallint',
  data: 'data',
}

/** @throws UserError for an event without a request or an instant; one without status or data has none */
async function* sealedEvents(
  path: string,
  connection: DuckDBConnection,
): AsyncGenerator<EventBatch> {
  const { result } = (await connection.stream(`
    select ${Object.values(COLUMNS).join(', ')}
    from ${readParquet(path)}
    where kind in ('headers', 'read', 'end', 'error')`)) as unknown as { result: Result }
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result)
    const length = chunk ? duckdb.data_chunk_get_size(chunk) : 0
    if (!chunk || length === 0) return
    const vector = (name: keyof typeof COLUMNS): Vector =>
      duckdb.data_chunk_get_vector(chunk, Object.keys(COLUMNS).indexOf(name))
    const column = (name: keyof typeof COLUMNS, width: number): ArrayBuffer => {
      if (nullsOf(vector(name), length)) throw nullIn(path, name)
      return bytesOf(vector(name), width * length)
    }
    yield {
      length,
      requestId: new Uint32Array(column('request_id', 4)),
      kind: new Uint8Array(column('kind', 1)),
      atNs: exactNs(path, new Float64Array(column('at_ns', 8))),
      status: new Uint16Array(column('status', 2)),
      ...blobs(vector('data'), length),
    }
  }
}

type Result = Parameters<typeof duckdb.fetch_chunk>[0]
type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>

/** @throws UserError where a double cannot hold an instant: then it is none since the run's zero */
function exactNs(path: string, atNs: Float64Array): Float64Array {
  for (const at of atNs)
    if (!Number.isSafeInteger(at))
      throw new UserError(
        `${path}: at_ns is ${at}, which is no time since the run's zero`,
        "write nanoseconds since the run's monotonic zero, at most 2^53 of them",
      )
  return atNs
}

/** Bits of a vector's rows, 0 for NULL; undefined where no row is. */
function nullsOf(vector: Vector, length: number): Uint8Array | undefined {
  // DuckDB keeps them in words of 64; typed as never absent, though it is where nothing is NULL.
  const bits = duckdb.vector_get_validity(vector, 8 * Math.ceil(length / 64)) as Uint8Array | null
  if (!bits) return undefined
  for (let row = 0; row < length; row++) if (!isValid(bits, row)) return bits
  return undefined
}

const isValid = (bits: Uint8Array, row: number): boolean =>
  (bits[row >> 3]! & (1 << (row & 7))) !== 0

function bytesOf(vector: Vector, byteCount: number): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = duckdb.vector_get_data(vector, byteCount)
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
}

/** Bytes up to which a DuckDB string lies within its 16-byte entry. */
const INLINED = 12
/** Two mapped bytes that are nearer than a memory page have only mapped bytes between them. */
const PAGE = 4096
const NOTHING = Buffer.alloc(0)

/**
 * The blobs of a vector, as views of DuckDB's memory; a NULL is an empty one.
 *
 * DuckDB documents the layout: https://duckdb.org/docs/api/c/vector. An entry is a length and then the bytes, or
 * four bytes of them and a pointer to all; of a NULL it is whatever lay there, so that the row's validity is asked
 * before anything in it is followed. Vectors of a fetched chunk are flat. The pointed-to bytes live as long as the
 * chunk, whose `length` rows are all that is read.
 *
 * Blobs that follow each other in memory, as those of one Parquet page do, are fetched as one piece. The client's
 * own `getItemBytes` makes a call and a buffer for each: 2.7 times the CPU time for the whole of reading events, 2,475
 * against 908 ms a million (test/bench/event-source.ts), where all of decoding takes some 7,000 on that machine.
 */
function blobs(vector: Vector, length: number): Pick<EventBatch, 'data' | 'start' | 'end'> {
  if (duckdb.get_type_id(duckdb.vector_get_column_type(vector)) !== duckdb.Type.BLOB)
    throw new Error('data is not a vector of blobs')
  const valid = nullsOf(vector, length)
  const entries = bytesOf(vector, 16 * length)
  const words = new Uint32Array(entries)
  const inlined = Buffer.from(entries)
  const data: Buffer[] = Array(length)
  const start = new Int32Array(length)
  const end = new Int32Array(length)
  const pointer = (row: number): number => words[4 * row + 2]! + words[4 * row + 3]! * 0x1_0000_0000
  let pending: number[] = []
  let first = 0
  let last = 0
  const fetch = (): void => {
    if (pending.length === 0) return
    const { buffer, byteOffset, byteLength } = duckdb.get_data_from_pointer(
      entries,
      16 * pending[0]! + 8,
      last - first,
    )
    const piece = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
    for (const row of pending) {
      data[row] = piece
      start[row] = pointer(row) - first
      end[row] = start[row]! + words[4 * row]!
    }
    pending = []
  }
  for (let row = 0; row < length; row++) {
    if (valid && !isValid(valid, row)) {
      data[row] = NOTHING
      continue
    }
    const size = words[4 * row]!
    if (size <= INLINED) {
      data[row] = inlined
      start[row] = 16 * row + 4
      end[row] = start[row]! + size
      continue
    }
    const at = pointer(row)
    if (pending.length > 0 && (at < last || at - last >= PAGE)) fetch()
    if (pending.length === 0) first = at
    pending.push(row)
    last = at + size
  }
  fetch()
  return { data, start, end }
}
