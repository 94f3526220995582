import { columnReader, wholeCell } from '../csv-columns.ts'
import { RowFault } from '../fields.ts'
import type { ColumnReader } from '../row-reader.ts'

const COLUMNS = ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens']

/**
 * Azure's traces of 2023 and 2024: CSV, TIMESTAMP a date with up to nine digits of a second, of which
 * every one is kept. Dates without a zone are UTC; times count from the first row that can be read.
 */
export const azureTrace: ColumnReader = {
  unit: 'dates',
  below(names) {
    const cells = columnReader(names, COLUMNS)
    let zero: Instant | undefined
    return line => {
      const row = cells(line)
      if (Number(row['NumImages'] ?? 0) > 0)
        throw new RowFault('text only', `NumImages ${row['NumImages']}`)
      const made = { tokens: wholeCell(row, 'ContextTokens', 1), hashIds: null }
      const outputTokens = wholeCell(row, 'GeneratedTokens', 1)
      const { s, ns } = instantOf(row['TIMESTAMP']!)
      zero ??= { s, ns }
      const timestampMs = ((s - zero.s) * 1e9 + ns - zero.ns) / 1e6
      return { sessionId: null, system: null, turns: [{ made, outputTokens, timestampMs }] }
    }
  },
}

/** Seconds since 1970 and nanoseconds beyond: together they do not fit into a number. */
type Instant = { s: number; ns: number }

const DATE = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?$/

function instantOf(text: string): Instant {
  const [, day, time, digits = '', zone = 'Z'] = DATE.exec(text) ?? []
  const ms = Date.parse(`${day}T${time}${zone.replace(/^(...)(\d\d)$/, '$1:$2')}`)
  if (Number.isNaN(ms))
    throw new RowFault('TIMESTAMP: a date such as 2023-11-16 18:15:46.6805900', `"${text}"`)
  return { s: ms / 1000, ns: Number(digits.padEnd(9, '0')) }
}
