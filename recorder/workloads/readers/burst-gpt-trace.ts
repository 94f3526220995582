import { columnReader, wholeCell } from '../csv-columns.ts'
import { RowFault } from '../fields.ts'
import type { ColumnReader } from '../row-reader.ts'

const COLUMNS = ['Timestamp', 'Request tokens', 'Response tokens']

/**
 * BurstGPT's CSV: Timestamp in seconds since the first day began. A request with 0 response tokens
 * failed when it was recorded: --skip-bad-rows leaves such out.
 */
export const burstGptTrace: ColumnReader = {
  unit: 's',
  below(names) {
    const cells = columnReader(names, COLUMNS)
    return line => {
      const row = cells(line)
      const s = Number(row['Timestamp'] || Number.NaN)
      if (!(s >= 0) || s === Number.POSITIVE_INFINITY)
        throw new RowFault('Timestamp: seconds, at least 0', `"${row['Timestamp']}"`)
      const turn = {
        made: { tokens: wholeCell(row, 'Request tokens', 1), hashIds: null },
        outputTokens: wholeCell(row, 'Response tokens', 1),
        timestampMs: Math.round(s * 1e9) / 1e6,
      }
      return { sessionId: null, system: null, turns: [turn] }
    }
  },
}
