import { tableFromIPC } from 'apache-arrow'
import type { Column, Frame } from '../../figures/frame.ts'

export type Window = { from: number; to: number }

/** What the database refused, and what to do. */
export class Refusal extends Error {}

/** Columns that are texts, also where there is no row to show it. */
const TEXTS = new Set(['outcome', 'population', 'part'])

/** Asks the database behind the page; the answer comes as Arrow. */
export async function ask(
  question: { sql: string; figure?: string; window?: Window | undefined },
  runIds: string[],
): Promise<Frame> {
  const response = await fetch('query', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
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
