import { type Frame, numbers, texts } from '../../figures/frame.ts'
import { shown } from '../../formats/tables.ts'
import type { PageFacts } from '../packed.ts'

const find = <T extends Element>(selector: string): T => document.querySelector<T>(selector)!

/** Sliders over every request: what `tokentape goodput` counts, counted as the limits move. */
export function sliders(requests: Frame, facts: PageFacts): void {
  const columns = [...document.querySelectorAll<HTMLInputElement>('[data-limit]')].map(
    input => input.dataset['limit']!,
  )
  const run = numbers(requests, 'run')
  const ok = texts(requests, 'outcome').map(outcome => outcome === 'ok')
  const input = (kind: string, column: string): HTMLInputElement =>
    find(`[data-${kind}="${column}"]`)
  const target = find<HTMLInputElement>('#target')
  const attain = find<HTMLInputElement>('#attain')

  for (const column of columns) {
    const sorted = numbers(requests, column)
      .filter(value => !Number.isNaN(value))
      .sort()
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
    const range = input('range', column)
    const top = Math.max(0.1, Math.min(at(1) * 1.05, at(0.99) * 1.5))
    const step = Math.max(0.01, 10 ** Math.floor(Math.log10(top / 500)))
    range.min = '0'
    range.step = String(step)
    range.max = String(Math.ceil(top / step) * step)
    const start = hundredths(Math.ceil(at(0.95) / step) * step)
    range.value = start
    input('limit', column).value = start
  }
  const rate = Math.max(0, ...facts.runs.map(perSecond))
  target.value = String(Math.max(1, Number((10 * rate).toPrecision(2))))

  const count = (): void => {
    const limits = columns
      .filter(column => input('on', column).checked)
      .map(column => ({ column, limit: Number(hundredths(Number(input('limit', column).value))) }))
    const values = columns.map(column => numbers(requests, column))
    const chosen = columns.map(column => limits.find(other => other.column === column)?.limit)
    const good = facts.runs.map(() => 0)
    const met = facts.runs.map(() => columns.map(() => 0))
    for (let row = 0; row < requests.n; row++) {
      if (!ok[row]) continue
      let all = true
      for (let i = 0; i < columns.length; i++) {
        if (chosen[i] === undefined) continue
        // What has no value is NaN, and within no limit.
        if (values[i]![row]! <= chosen[i]!) met[run[row]!]![i]!++
        else all = false
      }
      if (all) good[run[row]!]!++
    }
    const rowsOf = facts.runs.map((own, place) => {
      const n = good[place]!
      // As in goodput.sql and capacity.sql, in the same order of operations; a test compares them.
      const goodput = own.durationNs > 0 ? (n * 1e9) / own.durationNs : null
      const share = own.nSent > 0 ? n / own.nSent : null
      const throughput = perSecond(own)
      const byThroughput = throughput > 0 ? Math.ceil(Number(target.value) / throughput) : null
      const wanted = Number(attain.value) / 100
      const byGoodput =
        goodput && byThroughput !== null
          ? Math.max(byThroughput, Math.ceil((Number(target.value) * wanted) / goodput))
          : null
      return [
        own.label,
        shown(n),
        percent(share),
        percent(own.nCompleted > 0 ? n / own.nCompleted : null),
        shown(goodput),
        ...columns.map((_, i) =>
          chosen[i] === undefined
            ? 'off'
            : percent(own.nSent > 0 ? met[place]![i]! / own.nSent : null),
        ),
        share === null ? '-' : share >= wanted ? 'yes' : 'no',
        shown(byGoodput),
        shown(byThroughput),
      ]
    })
    find('#goodput tbody').replaceChildren(...rowsOf.map(rowElement))
    find('#command').textContent = commandOf(limits, facts, target.value, attain.value)
  }

  for (const column of columns) {
    input('range', column).addEventListener('input', ({ target: moved }) => {
      input('limit', column).value = hundredths(Number((moved as HTMLInputElement).value))
      count()
    })
    input('limit', column).addEventListener('input', ({ target: typed }) => {
      const value = Number((typed as HTMLInputElement).value)
      input('range', column).value = String(value)
      count()
    })
    input('limit', column).addEventListener('change', ({ target: typed }) => {
      const element = typed as HTMLInputElement
      element.value = hundredths(Number(element.value))
      count()
    })
    input('on', column).addEventListener('change', count)
  }
  for (const field of [target, attain]) field.addEventListener('input', count)
  find('#slo').addEventListener('submit', event => event.preventDefault())
  find('#copy').addEventListener('click', copy)
  count()
}

const perSecond = ({ nCompleted, durationNs }: PageFacts['runs'][number]): number =>
  durationNs > 0 ? (nCompleted * 1e9) / durationNs : 0

/** The rows are exact to hundredths, so limits are whole hundredths too. */
const hundredths = (value: number): string => String(Math.round(value * 100) / 100)
const percent = (share: number | null): string =>
  share === null ? '-' : `${(100 * share).toFixed(2)} %`

function commandOf(
  limits: { column: string; limit: number }[],
  { tapes, flags }: PageFacts,
  target: string,
  attain: string,
): string {
  const slo =
    limits.map(({ column, limit }) => `${column} <= ${limit}`).join(' and ') || "outcome = 'ok'"
  const servers =
    Number(target) > 0 ? ` --target-rate ${target} --attain ${Number(attain) / 100}` : ''
  return `tokentape goodput ${tapes}${flags} --slo "${slo}"${servers}`
}

function rowElement(cells: string[]): HTMLTableRowElement {
  const row = document.createElement('tr')
  cells.forEach((text, i) => {
    const cell = document.createElement(i === 0 ? 'th' : 'td')
    if (i === 0) cell.scope = 'row'
    cell.textContent = text
    row.append(cell)
  })
  return row
}

async function copy(): Promise<void> {
  const command = find('#command')
  const said = find('#copied')
  try {
    await navigator.clipboard.writeText(command.textContent!)
    said.textContent = 'Copied.'
  } catch {
    // A page from disk may have no clipboard: the words are selected, to be copied by key.
    getSelection()!.selectAllChildren(command)
    said.textContent = 'Selected: press Ctrl+C or ⌘C to copy.'
  }
}
