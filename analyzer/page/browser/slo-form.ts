/** The limits that are switched on, ms, and what they are to hold. */
export type Slo = {
  limits: { column: string; limit: number }[]
  /** Requests per second to serve. */
  target: number
  /** The share of the requests that must be good, %. */
  attain: number
}

/** How far the values of a metric go: what a slider spans. */
export type Reach = { p95: number; p99: number; most: number }

const find = <T extends Element>(selector: string): T => document.querySelector<T>(selector)!

/** The rows are exact to hundredths, so limits are whole hundredths too. */
const hundredths = (value: number): string => String(Math.round(value * 100) / 100)

/** The columns that the form has limits of. */
export const limitColumns = (): string[] =>
  [...document.querySelectorAll<HTMLInputElement>('[data-limit]')].map(
    input => input.dataset['limit']!,
  )

/**
 * The sliders, their numbers and switches.
 *
 * @param changed  told of what they say, as they move
 */
export function sloForm(
  reach: { [column: string]: Reach },
  ratePerSec: number,
  changed: (slo: Slo) => void,
): { now(): Slo; set(slo: Partial<Slo>): void } {
  const columns = limitColumns()
  const input = (kind: string, column: string): HTMLInputElement =>
    find(`[data-${kind}="${column}"]`)
  const target = find<HTMLInputElement>('#target')
  const attain = find<HTMLInputElement>('#attain')
  const now = (): Slo => ({
    limits: columns
      .filter(column => input('on', column).checked)
      .map(column => ({ column, limit: Number(hundredths(Number(input('limit', column).value))) })),
    target: Number(target.value),
    attain: Number(attain.value),
  })
  const tell = (): void => changed(now())

  for (const column of columns) {
    const { p95, p99, most } = reach[column]!
    const [range, limit] = [input('range', column), input('limit', column)]
    const top = Math.max(0.1, Math.min(most * 1.05, p99 * 1.5))
    const step = Math.max(0.01, 10 ** Math.floor(Math.log10(top / 500)))
    range.min = '0'
    range.step = String(step)
    range.max = String(Math.ceil(top / step) * step)
    range.value = hundredths(Math.ceil(p95 / step) * step)
    limit.value = range.value
    range.addEventListener('input', () => {
      limit.value = hundredths(Number(range.value))
      tell()
    })
    limit.addEventListener('input', () => {
      range.value = limit.value
      tell()
    })
    limit.addEventListener('change', () => {
      limit.value = hundredths(Number(limit.value))
      tell()
    })
    input('on', column).addEventListener('change', tell)
  }
  target.value = String(Math.max(1, Number((10 * ratePerSec).toPrecision(2))))
  for (const field of [target, attain]) field.addEventListener('input', tell)
  find('#slo').addEventListener('submit', event => event.preventDefault())
  find('#copy').addEventListener('click', copy)
  return {
    now,
    set(slo) {
      for (const column of slo.limits ? columns : []) {
        const said = slo.limits!.find(other => other.column === column)
        input('on', column).checked = said !== undefined
        if (!said) continue
        input('limit', column).value = hundredths(said.limit)
        input('range', column).value = hundredths(said.limit)
      }
      if (slo.target !== undefined) target.value = String(slo.target)
      if (slo.attain !== undefined) attain.value = String(slo.attain)
    },
  }
}

/** The SLO as `tokentape goodput` takes it. */
export const sloText = ({ limits }: Slo): string =>
  limits.map(({ column, limit }) => `${column} <= ${limit}`).join(' and ') || "outcome = 'ok'"

/**
 * The command that prints the same numbers.
 *
 * @param of  tapes and flags, quoted for a shell
 */
export function showCommand(slo: Slo, of: string): void {
  const servers = slo.target > 0 ? ` --target-rate ${slo.target} --attain ${share(slo.attain)}` : ''
  find('#command').textContent = `tokentape goodput ${of} --slo "${sloText(slo)}"${servers}`
}

/** Of a percentage: 0.07, not 0.07000000000000001. */
export const share = (percentage: number): number => Number((percentage / 100).toPrecision(12))

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
