import type { Summary } from '../report.ts'

const grouped = (digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const WHOLE = grouped(0)
const CENTS = grouped(2)

/** A number for people: two decimals and thousands separators; counts without decimals; - where there is none. */
export function forPeople(value: number, { metric }: Summary): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-'
  const counted = metric.kind === 'scalar' && Number.isInteger(value) && metric.unit !== 'ns'
  return (counted ? WHOLE : CENTS).format(value)
}

/** `p50`, `p99.9`. */
export const percentileName = (percent: number): string => `p${percent}`

/** `Time to First Token (ms)`. */
export const titled = ({ metric }: Summary): string => `${metric.title} (${metric.shown})`
