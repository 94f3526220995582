import type { EventBuffers } from '../event-log.ts'
import { blank } from './overwrite.ts'

/** A set that waits to be written, and what of it is to be blanked. */
export type Waiting = {
  set: EventBuffers
  marked: (Piece & { fill: number })[]
  written: boolean
}
/** Some bytes of a row of it. */
export type Piece = { waiting: Waiting; row: number; from: number; to: number }
/** A set that may be written, and how many bytes of a row are blanked, by row. */
export type Kept = { set: EventBuffers; blanked: ReadonlyMap<number, number> }

export const bufferOf = ({ buffer, byteOffset }: Uint8Array, from: number, to: number): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset + from, to - from)
export const bytesOf = ({ waiting, from, to }: Piece): Buffer =>
  bufferOf(waiting.set.bytes, from, to)

/** Notes bytes that are to be blanked, unless they are on their way to the disk already. */
export function mark(piece: Piece, fill: number): void {
  if (!piece.waiting.written) piece.waiting.marked.push({ ...piece, fill })
}

/** From one position to another of pieces laid end to end. */
export function partsOf(pieces: readonly Piece[], start: number, end: number): Piece[] {
  const parts: Piece[] = []
  let at = 0
  for (const piece of pieces) {
    const length = piece.to - piece.from
    const from = piece.from + Math.max(0, start - at)
    const to = piece.from + Math.min(length, end - at)
    if (from < to) parts.push({ ...piece, from, to })
    at += length
  }
  return parts
}

/** A set with what is marked overwritten. */
export function blanked(waiting: Waiting): Kept {
  const { set, marked } = waiting
  const byRow = new Map<number, number>()
  let end = 0
  for (const { row, from, to } of marked.sort((a, b) => a.from - b.from)) {
    const nBytes = Math.max(0, to - Math.max(from, end))
    end = Math.max(end, to)
    byRow.set(row, (byRow.get(row) ?? 0) + nBytes)
  }
  for (const { row, from, to, fill } of marked)
    blank(set.bytes, { begin: set.offsets[row]!, from, to, fill })
  waiting.written = true
  waiting.marked = []
  return { set, blanked: byRow }
}
