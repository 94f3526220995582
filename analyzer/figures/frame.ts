/** A column of a frame: numbers with NaN where there is none, or texts. */
export type Column = Float64Array | string[]

/** Rows of a query, column by column: what figures are drawn from. */
export type Frame = { n: number; columns: { [name: string]: Column } }

/** A frame's column of numbers. */
export function numbers({ columns }: Frame, name: string): Float64Array {
  const column = columns[name]
  if (!(column instanceof Float64Array)) throw new Error(`the frame has no numbers "${name}"`)
  return column
}

/** A frame's column of texts. */
export function texts({ columns }: Frame, name: string): string[] {
  const column = columns[name]
  if (!Array.isArray(column)) throw new Error(`the frame has no texts "${name}"`)
  return column
}

/** The rows of a frame for which `keep` is true. */
export function rowsWhere(frame: Frame, keep: (row: number) => boolean): Frame {
  const kept: number[] = []
  for (let row = 0; row < frame.n; row++) if (keep(row)) kept.push(row)
  const columns = Object.entries(frame.columns).map(([name, column]): [string, Column] => [
    name,
    column instanceof Float64Array
      ? Float64Array.from(kept, row => column[row]!)
      : kept.map(row => column[row]!),
  ])
  return { n: kept.length, columns: Object.fromEntries(columns) }
}

/** The rows of one run, by its place in the list of runs. */
export const ofRun = (frame: Frame, place: number): Frame => {
  const run = numbers(frame, 'run')
  return rowsWhere(frame, row => run[row] === place)
}
