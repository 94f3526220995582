import type { Batch, LogEnd } from './arrow-log.ts'
import type { ColumnData } from './columns.ts'

/** Rows that a merged batch holds at most: those of a DuckDB data chunk. */
const ROWS = 2048

/**
 * Batches of few rows, merged into larger ones.
 *
 * A recorder hands over every 50 ms, so a quiet lane's log is tens of thousands of batches of a row
 * or two, and what a consumer does per batch costs more than the rows. A batch is valid until the
 * next one is asked for, as before.
 *
 * @param names  the columns that are needed; the others are left out
 */
export function* mergeSmall(
  batches: Generator<Batch, LogEnd>,
  names: readonly string[],
): Generator<Batch, LogEnd> {
  const columns = new Map(names.map(name => [name, mergedColumn()]))
  let length = 0
  let endOffset = 0
  const take = (): Batch => {
    const merged = [...columns].map(([name, column]) => [name, column.take(length)] as const)
    const batch = { length, endOffset, columns: Object.fromEntries(merged) }
    length = 0
    return batch
  }
  for (;;) {
    const { done, value } = batches.next()
    const isLarge = done || value.length > ROWS / 2
    if (length > 0 && (isLarge || length + value.length > ROWS)) yield take()
    if (done) return value
    if (isLarge) {
      yield value
      continue
    }
    for (const [name, column] of columns) column.append(value.columns[name]!, length, value.length)
    length += value.length
    endOffset = value.endOffset
  }
}

type Values = NonNullable<ColumnData['values']>

/** A column that grows by pieces. Its buffers are used again after `take`. */
function mergedColumn() {
  let values: Values | undefined
  let offsets: Int32Array | undefined
  let parts: Uint8Array | Uint32Array | undefined
  let isItems = false
  let nParts = 0
  let nullCount = 0
  const validity = new Uint8Array(ROWS / 8).fill(0xff)

  function appendParts(piece: ColumnData, at: number, length: number): void {
    const from = piece.items ?? piece.bytes!
    isItems = piece.items !== undefined
    offsets ??= new Int32Array(ROWS + 1)
    const [start, end] = [piece.offsets![0]!, piece.offsets![length]!]
    if (!parts || parts.length < nParts + end - start) {
      const room = Math.max(1024, 2 * (nParts + end - start))
      const grown = isItems ? new Uint32Array(room) : new Uint8Array(room)
      if (parts) grown.set(parts.subarray(0, nParts))
      parts = grown
    }
    parts.set(from.subarray(start, end), nParts)
    for (let i = 1; i <= length; i++) offsets[at + i] = nParts + piece.offsets![i]! - start
    nParts += end - start
  }

  return {
    /** Adds `length` rows behind the `at` that are there. */
    append(piece: ColumnData, at: number, length: number): void {
      if (piece.values) {
        values ??= new (piece.values.constructor as new (n: number) => Values)(ROWS)
        values.set(piece.values as never, at)
      } else appendParts(piece, at, length)
      if (!piece.validity) return
      nullCount += piece.nullCount ?? 0
      for (let i = 0; i < length; i++)
        if ((piece.validity[i >> 3]! & (1 << (i & 7))) === 0)
          validity[(at + i) >> 3]! &= ~(1 << ((at + i) & 7))
    },
    take(length: number): ColumnData {
      const column: ColumnData = nullCount > 0 ? { validity: validity.slice(), nullCount } : {}
      if (values) column.values = values.subarray(0, length) as never
      else {
        column.offsets = offsets!.subarray(0, length + 1)
        if (isItems) column.items = parts!.subarray(0, nParts) as Uint32Array
        else column.bytes = parts!.subarray(0, nParts) as Uint8Array
      }
      if (nullCount > 0) validity.fill(0xff)
      nParts = 0
      nullCount = 0
      return column
    },
  }
}
