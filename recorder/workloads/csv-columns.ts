import { RowFault } from './fields.ts'

/** The cells of a line of CSV; a quoted cell may hold commas and doubled quotes, but no line break. */
export function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map(cell => cell.trim())
  return [...line.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))/g)].map(([, quoted, bare]) =>
    quoted === undefined ? bare!.trim() : quoted.replaceAll('""', '"'),
  )
}

/**
 * Cells by the names of their columns, whatever their order.
 *
 * @param names  the file's first line
 * @param needed  columns that it must have
 */
export function columnReader(
  names: string,
  needed: readonly string[],
): (line: string) => Record<string, string> {
  const columns = cellsOf(names)
  const missing = needed.filter(name => !columns.includes(name))
  return line => {
    if (missing.length > 0)
      throw new RowFault(
        `a first line with ${needed.join(', ')}`,
        `one without ${missing.join(', ')}`,
      )
    const cells = cellsOf(line)
    if (cells.length !== columns.length)
      throw new RowFault(`${columns.length} cells`, `${cells.length}`)
    return Object.fromEntries(columns.map((name, i) => [name, cells[i]!]))
  }
}

/** A cell that is a whole number of at least `least`. */
export function wholeCell(row: Record<string, string>, name: string, least: number): number {
  const text = row[name]!
  const value = Number(text)
  if (text === '' || !Number.isSafeInteger(value) || value < least)
    throw new RowFault(`${name}: a whole number of at least ${least}`, `"${text}"`)
  return value
}
