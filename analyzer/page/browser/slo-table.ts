import { shown } from '../../formats/tables.ts'
import type { Slo } from './slo-form.ts'
import { rowElement } from './table-element.ts'

/** What `tokentape goodput` says of a run; null where it says nothing. */
export type Good = {
  nGood: number
  shareOfSent: number | null
  shareOfCompleted: number | null
  /** Good requests per second. */
  goodput: number | null
  /** By column of a limit: the share of the requests sent that meets it. */
  met: { [column: string]: number | null }
  attained: boolean | null
  /** Null where the load does not attain the share: then it only says how many are the least. */
  serversByGoodput: number | null
  serversAtLeast: number | null
  serversByThroughput: number | null
}

const percent = (share: number | null): string =>
  share === null ? '-' : `${(100 * share).toFixed(2)} %`

/** One row a run. */
export function showGood(rows: (Good & { label: string })[], columns: string[], slo: Slo): void {
  const isOn = (column: string): boolean => slo.limits.some(limit => limit.column === column)
  const cells = rows.map(row => [
    row.label,
    shown(row.nGood),
    percent(row.shareOfSent),
    percent(row.shareOfCompleted),
    shown(row.goodput),
    ...columns.map(column => (isOn(column) ? percent(row.met[column] ?? null) : 'off')),
    row.attained === null ? '-' : row.attained ? 'yes' : 'no',
    row.serversAtLeast === null
      ? shown(row.serversByGoodput)
      : `at least ${shown(row.serversAtLeast)}: record a lighter load`,
    shown(row.serversByThroughput),
  ])
  document.querySelector('#goodput tbody')!.replaceChildren(...cells.map(row => rowElement(row)))
}
