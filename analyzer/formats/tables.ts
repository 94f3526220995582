import { printable } from './printable.ts'

export type Cell = string | number | bigint | boolean | null | undefined

/** A table to print: what has no value is null. */
export type Table = {
  title?: string
  columns: string[]
  rows: Cell[][]
  /** Lines below it, for people. */
  notes?: string[]
}

/** What a verb has to say: tables for people and spreadsheets, a value for programs. */
export type Answer = {
  /** Lines above the tables, for people. */
  head?: string[]
  tables: Table[]
  /** The table that CSV gives, where it is not the first. */
  csv?: Table
  json: unknown
}

type Printer = (answer: Answer) => string

/** The formats of every verb that answers with tables. */
export const TABLE_FORMATS: Record<string, Printer> = {
  text: ({ head, tables }) =>
    `${[...(head ? [printableLines(head)] : []), ...tables.map(textOf)].join('\n\n')}\n`,
  json: ({ json }) => `${JSON.stringify(json, exact, 2)}\n`,
  csv: ({ tables, csv }) => csvOf(csv ?? tables[0]!),
  markdown: ({ head, tables }) =>
    `${[...(head ?? []).map(escaped), ...tables.map(markdownOf)].join('\n\n')}\n`,
}

/** A head may hold a server's words; its own line ends stay. */
const printableLines = (head: string[]): string =>
  head.join('\n').split('\n').map(printable).join('\n')

/** JSON of whole numbers beyond 2^53 is text, of bytes hexadecimal; what is not finite is null by itself. */
const exact = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return value
}

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const CENTS = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const SMALL = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 })

/** A cell for people. */
export function shown(cell: Cell): string {
  if (cell === null || cell === undefined) return '-'
  if (typeof cell === 'bigint') return WHOLE.format(cell)
  if (typeof cell !== 'number') return printable(String(cell))
  if (!Number.isFinite(cell)) return cell > 0 ? '∞' : String(cell)
  if (Number.isInteger(cell)) return WHOLE.format(cell)
  return (Math.abs(cell) < 0.1 ? SMALL : CENTS).format(cell)
}

function textOf({ title, columns, rows, notes = [] }: Table): string {
  const lines = [columns, ...rows.map(row => row.map(shown))]
  const numeric = columns.map((_, i) =>
    rows.some(row => typeof row[i] === 'number' || typeof row[i] === 'bigint'),
  )
  const widths = columns.map((_, i) => Math.max(...lines.map(line => (line[i] ?? '').length)))
  const body = lines.map(line =>
    line
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
  return [...(title ? [title] : []), ...body, ...notes].join('\n')
}

function csvOf({ columns, rows }: Table): string {
  const text = (cell: Cell): string => (cell === null || cell === undefined ? '' : String(cell))
  return [columns, ...rows.map(row => row.map(text))]
    .map(line => `${line.map(quotedCell).join(',')}\n`)
    .join('')
}

export const quotedCell = (cell: string): string =>
  /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

function markdownOf({ title, columns, rows, notes = [] }: Table): string {
  const line = (cells: string[]): string => `| ${cells.map(escaped).join(' | ')} |`
  const lines = [
    line(columns),
    `|${columns.map((_, i) => (i === 0 ? ' --- |' : ' ---: |')).join('')}`,
  ]
  return [
    ...(title ? [`### ${escaped(title)}`, ''] : []),
    ...lines,
    ...rows.map(row => line(row.map(shown))),
    ...(notes.length > 0 ? ['', ...notes.map(escaped)] : []),
  ].join('\n')
}

const escaped = (text: string): string =>
  printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('|', '\\|')
