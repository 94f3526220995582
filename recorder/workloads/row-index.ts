/** Where the rows of a file are: 16 bytes a row, so that the file itself need not be in memory. */
export class RowIndex {
  size = 0
  private starts = new Float64Array(1024)
  private lengths = new Uint32Array(1024)
  private lines = new Uint32Array(1024)

  /** @param line  counted from 1 */
  push(start: number, end: number, line: number): void {
    if (this.size === this.starts.length) {
      this.starts = grown(this.starts, new Float64Array(2 * this.size))
      this.lengths = grown(this.lengths, new Uint32Array(2 * this.size))
      this.lines = grown(this.lines, new Uint32Array(2 * this.size))
    }
    this.starts[this.size] = start
    this.lengths[this.size] = end - start
    this.lines[this.size++] = line
  }

  at(row: number): { start: number; nBytes: number; line: number } {
    return { start: this.starts[row]!, nBytes: this.lengths[row]!, line: this.lines[row]! }
  }
}

function grown<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from)
  return to
}

const NEWLINE = 0x0a
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN = [0x5b, 0x7b]
const CLOSE = [0x5d, 0x7d]

/** What takes the places of rows. */
export type RowSink = Pick<RowIndex, 'push'>

/** Finds rows in a file that is read piece by piece. */
export type RowFinder = {
  /** @param base  the piece's place in the file */
  read(piece: Uint8Array, base: number): void
  /** What is missing at the end, or undefined. */
  end(total: number): string | undefined
}

/** Each line that is not blank is a row. */
export function lineFinder(rows: RowSink): RowFinder {
  let start = 0
  let line = 1
  let isBlank = true
  return {
    read(piece, base) {
      for (let from = 0; from < piece.length; ) {
        const newline = piece.indexOf(NEWLINE, from)
        const end = newline < 0 ? piece.length : newline
        for (let i = from; isBlank && i < end; i++) isBlank = piece[i]! <= SPACE
        if (newline < 0) return
        if (!isBlank) rows.push(start, base + end, line)
        line++
        start = base + end + 1
        isBlank = true
        from = newline + 1
      }
    },
    end(total) {
      if (!isBlank) rows.push(start, total, line)
      return undefined
    },
  }
}

/** Each element of the file's first JSON array is a row: the whole file may be longer than a string may be. */
export function elementFinder(rows: RowSink): RowFinder {
  let depth = 0
  /** The depth inside the array; 0 before it, -1 behind it. */
  let inside = 0
  let isText = false
  let isEscaped = false
  let line = 1
  let start = -1
  let startLine = 1
  const close = (end: number): void => {
    if (start >= 0) rows.push(start, end, startLine)
    start = -1
  }
  return {
    read(piece, base) {
      for (let i = 0; i < piece.length && inside >= 0; i++) {
        const byte = piece[i]!
        if (isText) {
          if (isEscaped) isEscaped = false
          else if (byte === BACKSLASH) isEscaped = true
          else if (byte === QUOTE) isText = false
          continue
        }
        if (byte === NEWLINE) line++
        if (byte <= SPACE) continue
        if (byte === COMMA && depth === inside) {
          close(base + i)
          continue
        }
        if (CLOSE.includes(byte) && depth-- === inside && inside > 0) {
          close(base + i)
          inside = -1
          continue
        }
        if (inside > 0 && start < 0) [start, startLine] = [base + i, line]
        if (byte === QUOTE) isText = true
        else if (OPEN.includes(byte) && ++depth > 0 && inside === 0 && byte === OPEN[0])
          inside = depth
      }
    },
    end() {
      if (inside === 0) return 'a JSON array'
      return inside > 0 ? 'the "]" that ends the array' : undefined
    },
  }
}
