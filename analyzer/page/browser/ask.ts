import { tableFromIPC } from 'apache-arrow'
import type { AskedLimits, AskedSlo } from '../../explore/slo-query.ts'
import type { Column, Frame } from '../../figures/frame.ts'

export type Window = { from: number; to: number }

/** What the database refused, and what to do. */
export class Refusal extends Error {}

/** Columns that are texts, also where there is no row to show it. */
const TEXTS = new Set(['outcome', 'population', 'part', 'severity'])

export type Asked = {
  window?: Window | undefined
  /** The same is asked again when somebody comes back to it. */
  keep?: boolean
} & ({ sql: string; figure?: string } | { slo: AskedSlo } | { limits: AskedLimits })

/** Asks the database behind the page; the answer comes as Arrow. Aborted, the database stops too. */
export async function ask(asked: Asked, runIds: string[], signal?: AbortSignal): Promise<Frame> {
  const response = await fetch('query', {
    method: 'POST',
    signal: signal ?? null,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked),
  })
  if (!response.ok) {
    const text = await response.text()
    if (response.status !== 400) throw new Refusal(text)
    const { message, hint } = JSON.parse(text)
    throw new Refusal(`${message}\n${hint}`)
  }
  const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()))
  const columns = table.schema.fields.map((field, i): [string, Column] => {
    const values = [...table.getChildAt(i)!]
    if (field.name === 'run_id')
      return ['run', Float64Array.from(values, id => runIds.indexOf(String(id)))]
    const isNumber = values.every(
      value => value === null || typeof value === 'number' || typeof value === 'bigint',
    )
    if (isNumber && !TEXTS.has(field.name))
      return [
        field.name,
        Float64Array.from(values, value => (value === null ? Number.NaN : Number(value))),
      ]
    return [field.name, values.map(value => (value === null ? '-' : String(value)))]
  })
  return { n: table.numRows, columns: Object.fromEntries(columns) }
}
