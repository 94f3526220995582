import { closeSync, readSync } from 'node:fs'
import { UserError } from '../../schemas/errors.ts'
import { elementFinder, lineFinder } from './row-index.ts'
import { opened } from './rows.ts'

export type StreamedRow = {
  text: string
  /** Counted from 1. */
  line: number
  start: number
  end: number
}

const PIECE_BYTES = 1 << 20

/**
 * The rows of a file in their order, of which no more than a piece and a row are in memory.
 *
 * @throws UserError when the file cannot be read or ends too early
 */
export function* streamedRows(
  file: string,
  form: 'lines' | 'elements',
): Generator<StreamedRow, void, void> {
  const descriptor = opened(file)
  try {
    let found: { start: number; end: number; line: number }[] = []
    const sink = {
      push: (start: number, end: number, line: number) => void found.push({ start, end, line }),
    }
    const finder = form === 'lines' ? lineFinder(sink) : elementFinder(sink)
    /** Bytes of the file from `heldStart` on: what may still become a row. */
    let held = Buffer.alloc(0)
    let heldStart = 0
    let total = 0
    function* rows(): Generator<StreamedRow, void, void> {
      for (const { start, end, line } of found) {
        const text = held.toString('utf8', start - heldStart, end - heldStart)
        yield { text: start === 0 ? text.replace(/^\ufeff/, '') : text, line, start, end }
      }
      const last = found.at(-1)
      if (last) {
        held = held.subarray(last.end - heldStart)
        heldStart = last.end
      }
      found = []
    }
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES)
      const n = readSync(descriptor, piece, 0, PIECE_BYTES, null)
      if (n === 0) break
      const read = piece.subarray(0, n)
      held = Buffer.concat([held, read])
      finder.read(read, total)
      total += n
      yield* rows()
    }
    const missing = finder.end(total)
    if (missing)
      throw new UserError(
        `${file}: expected ${missing}, found the end of the file`,
        'the file may have been cut off: fetch it again',
      )
    yield* rows()
  } finally {
    closeSync(descriptor)
  }
}
