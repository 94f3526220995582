import type { Context } from '../../figures/figure.ts'
import type { Frame } from '../../figures/frame.ts'
import { shown } from '../../formats/tables.ts'

/** Rows that are listed: more are of no use to a reader, and slow. */
const MOST_ROWS = 500

/** The frames of a figure as tables: for readers who do not see it. */
export function numbersTable(
  into: Element,
  frames: { [name: string]: Frame },
  runs: Context['runs'],
): void {
  into.replaceChildren(
    ...Object.entries(frames).map(([name, frame]) => {
      const scroll = document.createElement('div')
      scroll.className = 'scroll'
      const table = document.createElement('table')
      const caption = table.createCaption()
      caption.textContent =
        frame.n > MOST_ROWS ? `${name}: the first ${MOST_ROWS} of ${frame.n} rows` : name
      const columns = Object.entries(frame.columns)
      const head = table.createTHead().insertRow()
      for (const [column] of columns) {
        const cell = document.createElement('th')
        cell.scope = 'col'
        cell.textContent = column
        head.append(cell)
      }
      const body = table.createTBody()
      for (let row = 0; row < Math.min(MOST_ROWS, frame.n); row++) {
        const line = body.insertRow()
        for (const [column, values] of columns) {
          const value = values[row]!
          line.insertCell().textContent =
            column === 'run'
              ? (runs[value as number]?.label ?? '-')
              : shown(typeof value === 'number' && Number.isNaN(value) ? null : value)
        }
      }
      scroll.append(table)
      return scroll
    }),
  )
}
