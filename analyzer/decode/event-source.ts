import type { DuckDBConnection } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { readArrowLog } from '../../schemas/arrow-log.ts'
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
      atNs: Float64Array.from(columns['at_ns']!.values as BigInt64Array, Number),
      status: columns['status']!.values as Uint16Array,
      data: Array(length).fill(buffer),
      start: offsets!,
      end: offsets!.subarray(1),
    }
  }
}

async function* sealedEvents(
  path: string,
  connection: DuckDBConnection,
): AsyncGenerator<EventBatch> {
  const codes = `[${EVENT_KINDS.map(kind => `'${kind}'`).join(', ')}]`
  const { result } = (await connection.stream(`
    select request_id, (list_position(${codes}, kind::varchar) - 1)::utinyint, at_ns::double, status, data
    from ${readParquet(path)}
    where kind in ('headers', 'read', 'end', 'error')`)) as unknown as { result: Result }
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result)
    const length = chunk ? duckdb.data_chunk_get_size(chunk) : 0
    if (!chunk || length === 0) return
    const column = (index: number, width: number): ArrayBuffer => {
      const vector = duckdb.data_chunk_get_vector(chunk, index)
      const { buffer, byteOffset, byteLength } = duckdb.vector_get_data(vector, width * length)
      return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
    }
    yield {
      length,
      requestId: new Uint32Array(column(0, 4)),
      kind: new Uint8Array(column(1, 1)),
      atNs: new Float64Array(column(2, 8)),
      status: new Uint16Array(column(3, 2)),
      ...blobs(column(4, 16), length),
    }
  }
}

type Result = Parameters<typeof duckdb.fetch_chunk>[0]

/** Bytes up to which a DuckDB string lies within its 16-byte entry. */
const INLINED = 12
/** Two mapped bytes that are nearer than a memory page have only mapped bytes between them. */
const PAGE = 4096

/**
 * The blobs of a vector, as views of DuckDB's memory.
 *
 * An entry is a length and a pointer. Blobs that follow each other in memory, as those of one
 * Parquet page do, are fetched as one piece: a call per blob costs three times as much.
 */
function blobs(entries: ArrayBuffer, length: number): Pick<EventBatch, 'data' | 'start' | 'end'> {
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
