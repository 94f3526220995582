import type { DuckDBDataChunk, JS } from '@duckdb/node-api'
import { JSDuckDBValueConverter } from './duckdb.ts'
import { type Cell, quotedCell, TABLE_FORMATS } from './formats/tables.ts'
import type { ResultSink } from './locked.ts'

/** Where results go. */
export type Destination = { write(piece: string | Uint8Array): void; note(text: string): void }

/** More rows than anybody reads in a table. Formats for programs have no limit. */
export const MOST_SHOWN = 10_000

/** The formats that this program writes itself. */
export const RESULT_FORMATS: Record<string, (to: Destination) => ResultSink> = {
  text: to => table('text', to),
  markdown: to => table('markdown', to),
  csv,
  json,
}

/** A table for people: its widths are known when all rows are there. */
function table(format: 'text' | 'markdown', to: Destination): ResultSink {
  let columns: string[] = []
  const rows: Cell[][] = []
  return {
    begin(names) {
      columns = names
    },
    rows(chunk) {
      rows.push(...cellsOf(chunk))
      return rows.length <= MOST_SHOWN
    },
    end() {
      if (rows.length > MOST_SHOWN)
        to.note(
          `note: only the first ${MOST_SHOWN} rows; all of them: --format csv, or --output rows.parquet\n`,
        )
      const tables = [{ columns, rows: rows.slice(0, MOST_SHOWN) }]
      to.write(TABLE_FORMATS[format]!({ tables, json: null }))
    },
  }
}

function csv(to: Destination): ResultSink {
  const line = (cells: Cell[]): string =>
    `${cells.map(cell => (cell === null || cell === undefined ? '' : quotedCell(String(cell)))).join(',')}\n`
  return {
    begin(columns) {
      to.write(line(columns))
    },
    rows(chunk) {
      to.write(cellsOf(chunk).map(line).join(''))
      return true
    },
    end() {},
  }
}

/** An array of objects, a row each; whole numbers beyond 2^53 are text. */
function json(to: Destination): ResultSink {
  let columns: string[] = []
  let started = false
  const objectOf = (row: unknown[]): string => {
    const object = Object.fromEntries(columns.map((name, i) => [name, row[i]]))
    return JSON.stringify(object, null, 2).replaceAll('\n', '\n  ')
  }
  return {
    begin(names) {
      columns = names
    },
    rows(chunk) {
      for (const row of chunk.convertRows(JSDuckDBValueConverter)) {
        to.write(`${started ? ',\n' : '[\n'}  ${objectOf(row.map(plain))}`)
        started = true
      }
      return true
    },
    end() {
      to.write(started ? '\n]\n' : '[]\n')
    },
  }
}

const cellsOf = (chunk: DuckDBDataChunk): Cell[][] =>
  chunk.convertRows(JSDuckDBValueConverter).map(row => row.map(cellOf))

/** A value of one column as one cell: what is nested is JSON. */
function cellOf(value: JS | null): Cell {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  const found = plain(value)
  return typeof found === 'object' && found !== null ? JSON.stringify(found) : (found as Cell)
}

/** A value as JSON has it: bytes as UTF-8, since those of a tape are text. */
function plain(value: JS | null | undefined): unknown {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, plain(item as JS)]),
    )
  return value
}
