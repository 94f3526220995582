import type { JS } from '@duckdb/node-api'

/** A row of a result, as plain JavaScript values. */
export type Row = Record<string, Value>
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | Value[]
  | { [key: string]: Value }

/** A row with numbers where they are exact, and BigInts only where they are not. */
export const plainRow = (row: Record<string, JS>): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))

function plain(value: JS): Value {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  if (Array.isArray(value)) return value.map(plain)
  return value as Value
}
