import type { Context } from '../../figures/figure.ts'
import type { Frame } from '../../figures/frame.ts'
import { shown } from '../../formats/tables.ts'
import { tableElement } from './table-element.ts'

/** Rows that are listed: more are of no use to a reader, and slow. */
const MOST_ROWS = 500

/** Frames as tables: the numbers of a figure for readers who do not see it, and the results of queries. */
export function numbersTable(
  into: Element,
  frames: { [name: string]: Frame },
  runs: Context['runs'],
): void {
  into.replaceChildren(
    ...Object.entries(frames).map(([name, frame]) => {
      // Of one run there is nothing to tell apart.
      const columns = Object.entries(frame.columns).filter(
        ([column]) => column !== 'run' || runs.length > 1,
      )
      const rows = Array.from({ length: Math.min(MOST_ROWS, frame.n) }, (_, row) =>
        columns.map(([column, values]) => {
          const value = values[row]!
          if (column === 'run') return runs[value as number]?.label ?? '-'
          return shown(typeof value === 'number' && Number.isNaN(value) ? null : value)
        }),
      )
      return tableElement(
        frame.n > MOST_ROWS ? `${name}: the first ${MOST_ROWS} of ${frame.n} rows` : name,
        columns.map(([column]) => column),
        rows,
        columns.flatMap(([, values], i) => (Array.isArray(values) ? [i] : [])),
      )
    }),
  )
}
