import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import { elementFinder, lineFinder, RowIndex } from './row-index.ts'

/** The rows of a file, read from the disk when they are asked for. */
export type Rows = {
  file: string
  /** SHA-256 of the file, hexadecimal. */
  digest: string
  size: number
  text(row: number): string
  /** `file:line`, for messages. */
  place(row: number): string
}

const PIECE_BYTES = 1 << 20
const PAGE_BYTES = 1 << 16
const BYTE_ORDER_MARK = /^\ufeff/

/**
 * Goes through a file once and remembers where its rows are, never the rows.
 *
 * @param form  `lines`, or the `elements` of its first JSON array
 * @throws UserError when it cannot be read, ends too early, or has no row
 */
export function openRows(file: string, form: 'lines' | 'elements'): Rows {
  const descriptor = opened(file)
  const index = new RowIndex()
  const finder = form === 'lines' ? lineFinder(index) : elementFinder(index)
  const hash = createHash('sha256')
  const piece = Buffer.alloc(PIECE_BYTES)
  let total = 0
  for (let n = 1; n > 0; total += n) {
    n = readSync(descriptor, piece, 0, PIECE_BYTES, null)
    const read = piece.subarray(0, n)
    hash.update(read)
    finder.read(read, total)
  }
  const missing = finder.end(total)
  if (missing)
    throw new UserError(
      `--input-file: ${file}: expected ${missing}, found the end of the file`,
      'the file may have been cut off: fetch it again',
    )
  if (index.size === 0)
    throw new UserError(`--input-file: ${file} has no rows`, 'name a file with at least one row')
  const textAt = textReader(descriptor)
  return {
    file,
    digest: hash.digest('hex'),
    size: index.size,
    text: row => {
      const { start, nBytes } = index.at(row)
      return textAt(start, nBytes)
    },
    place: row => `${file}:${index.at(row).line}`,
  }
}

/** Text from anywhere in a file; rows that are asked for in order share a read. */
export function textReader(descriptor: number): (start: number, nBytes: number) => string {
  let page = Buffer.alloc(0)
  let pageStart = 0
  return (start, nBytes) => {
    if (start < pageStart || start + nBytes > pageStart + page.length) {
      const bytes = Buffer.allocUnsafe(Math.max(nBytes, PAGE_BYTES))
      page = bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start))
      pageStart = start
    }
    const text = page.toString('utf8', start - pageStart, start - pageStart + nBytes)
    return start === 0 ? text.replace(BYTE_ORDER_MARK, '') : text
  }
}

/** The rows below the first `nAbove`. */
export const rowsBelow = (rows: Rows, nAbove: number): Rows =>
  nAbove === 0
    ? rows
    : {
        ...rows,
        size: Math.max(0, rows.size - nAbove),
        text: row => rows.text(row + nAbove),
        place: row => rows.place(row + nAbove),
      }

/** The first bytes of a file as text, to see what it is. */
export function headOf(file: string): string {
  const descriptor = opened(file)
  const bytes = Buffer.alloc(PIECE_BYTES)
  const n = readSync(descriptor, bytes, 0, PIECE_BYTES, 0)
  closeSync(descriptor)
  return bytes.toString('utf8', 0, n).replace(BYTE_ORDER_MARK, '').trimStart()
}

export function opened(file: string): number {
  try {
    return openSync(file, 'r')
  } catch (error) {
    throw new UserError(
      `--input-file: cannot read "${file}": ${reasonOf(error)}`,
      'name a file that exists',
    )
  }
}
