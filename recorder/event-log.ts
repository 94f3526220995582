import type { ColumnData, Columns } from '../schemas/columns.ts'
import { EVENT_KINDS, type EventKind } from '../schemas/tables.ts'
import type { Ns } from '../schemas/units.ts'

/** The code under which a kind is stored while recording. */
export const KIND = Object.fromEntries(EVENT_KINDS.map((kind, code) => [kind, code])) as Record<
  EventKind,
  number
>

/** One set of column buffers. It travels to the writer and back, and is then used again. */
export type EventBuffers = {
  length: number
  nBytes: number
  requestId: Uint32Array
  kind: Uint8Array
  /** INT64, written as two 32-bit halves so that no read makes a BigInt. */
  at: Uint32Array
  status: Uint16Array
  bodyBytes: Uint32Array
  offsets: Int32Array
  bytes: Uint8Array
}

/** Rows of a set; 4,096 to a batch cost the least per event (shared/reference/storage.md part 2). */
const ROWS = 4096
/** Data bytes of a set: what 4,096 reads of a usual stream carry. */
const BYTES = 1 << 20

/** All columns in one ArrayBuffer, the widest first: transferring one costs less than seven. */
export function newBuffers(rows = ROWS, bytes = BYTES): EventBuffers {
  const whole = new ArrayBuffer(rows * 23 + 4 + bytes)
  let taken = 0
  const place = (nBytes: number): number => {
    taken += nBytes
    return taken - nBytes
  }
  return {
    length: 0,
    nBytes: 0,
    at: new Uint32Array(whole, place(rows * 8), 2 * rows),
    requestId: new Uint32Array(whole, place(rows * 4), rows),
    bodyBytes: new Uint32Array(whole, place(rows * 4), rows),
    offsets: new Int32Array(whole, place(rows * 4 + 4), rows + 1),
    status: new Uint16Array(whole, place(rows * 2), rows),
    kind: new Uint8Array(whole, place(rows), rows),
    bytes: new Uint8Array(whole, place(bytes), bytes),
  }
}

/** The ArrayBuffers of a set, for a transfer list; bytes that had to grow have one of their own. */
export const buffersOf = ({ at, bytes }: EventBuffers): ArrayBuffer[] =>
  [...new Set([at.buffer, bytes.buffer])] as ArrayBuffer[]

/** Of a set in which nothing is blanked: no validity bit is set. */
const NOT_BLANKED = { values: new Uint32Array(ROWS), validity: new Uint8Array(ROWS / 8) }

/** How many bytes of each row are blanked, NULL where none are. */
function blankedColumn(length: number, blanked: ReadonlyMap<number, number>): ColumnData {
  const isUsual = blanked.size === 0 && length <= ROWS
  const values = isUsual ? NOT_BLANKED.values.subarray(0, length) : new Uint32Array(length)
  const bits = (length + 7) >> 3
  const validity = isUsual ? NOT_BLANKED.validity.subarray(0, bits) : new Uint8Array(bits)
  for (const [row, nBytes] of blanked) {
    values[row] = nBytes
    validity[row >> 3]! |= 1 << (row & 7)
  }
  return { values, validity, nullCount: length - blanked.size }
}

/**
 * A filled set as the columns of `EVENTS`, without copying.
 *
 * @param blanked  bytes of a row that are blanked, by row
 */
export function eventColumns(
  set: EventBuffers,
  blanked: ReadonlyMap<number, number> = new Map(),
): Columns {
  const { length } = set
  return {
    length,
    columns: {
      request_id: { values: set.requestId.subarray(0, length) },
      kind: { values: set.kind.subarray(0, length) },
      at_ns: { values: new BigInt64Array(set.at.buffer, set.at.byteOffset, length) },
      status: { values: set.status.subarray(0, length) },
      n_bytes: { values: set.bodyBytes.subarray(0, length) },
      data: {
        offsets: set.offsets.subarray(0, length + 1),
        bytes: set.bytes.subarray(0, set.nBytes),
      },
      blanked_bytes: blankedColumn(length, blanked),
    },
  }
}

export type EventLog = {
  /** Logs an event without data. */
  event(requestId: number, kind: number, at: Ns, status: number, bodyBytes: number): void
  /** Logs an event with data; what does not fit into a set makes one of its own. */
  data(requestId: number, kind: number, at: Ns, status: number, data: Uint8Array): void
  /**
   * Adds more bytes of the same socket read to the row that was logged last.
   *
   * @throws where that row is no read of this request: its bytes would be another's
   */
  extend(requestId: number, data: Uint8Array): void
  /** Hands over what has been logged so far. */
  flush(): void
  /** Forgets what was logged since the last hand-over. */
  clear(): void
}

/**
 * Grow-only columnar buffers: the place where a stamp and its bytes are put down.
 *
 * Nothing here allocates per event. A full set is handed to `full`, which returns the next one.
 */
export function eventLog(first: EventBuffers, full: (set: EventBuffers) => EventBuffers): EventLog {
  let set = first
  const flush = (): void => {
    if (set.length > 0) set = full(set)
  }
  const room = (nBytes: number): void => {
    if (set.length === set.requestId.length || set.nBytes + nBytes > set.bytes.length) flush()
    if (nBytes > set.bytes.length) set.bytes = new Uint8Array(nBytes)
  }
  const put = (
    requestId: number,
    kind: number,
    at: Ns,
    status: number,
    bodyBytes: number,
  ): void => {
    const row = set.length++
    set.requestId[row] = requestId
    set.kind[row] = kind
    set.at[2 * row] = at
    set.at[2 * row + 1] = Math.floor(at / 0x1_0000_0000)
    set.status[row] = status
    set.bodyBytes[row] = bodyBytes
    set.offsets[row + 1] = set.nBytes
  }
  const append = (data: Uint8Array): void => {
    set.bytes.set(data, set.nBytes)
    set.nBytes += data.length
    set.offsets[set.length] = set.nBytes
  }
  return {
    event(requestId, kind, at, status, bodyBytes) {
      room(0)
      put(requestId, kind, at, status, bodyBytes)
    },
    data(requestId, kind, at, status, data) {
      room(data.length)
      put(requestId, kind, at, status, data.length)
      append(data)
    },
    extend(requestId, data) {
      const last = set.length - 1
      if (last < 0 || set.requestId[last] !== requestId || set.kind[last] !== KIND.read)
        throw new Error(
          `bytes of request ${requestId} came when its read was no longer the last row`,
        )
      const needed = set.nBytes + data.length
      if (needed > set.bytes.length) {
        const grown = new Uint8Array(Math.max(needed, 2 * set.bytes.length))
        grown.set(set.bytes.subarray(0, set.nBytes))
        set.bytes = grown
      }
      set.bodyBytes[last]! += data.length
      append(data)
    },
    flush,
    clear() {
      set.length = 0
      set.nBytes = 0
    },
  }
}
