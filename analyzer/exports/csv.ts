import { quoted } from '../quoted.ts'
import type { Exporter } from './exporter.ts'

/** request_metrics as CSV: a row a request, failed ones too, a column for each thing known of it. */
export const csv: Exporter = {
  summary: 'request_metrics: a row a request',
  writes: 'file',
  holdsSeveral: true,
  async write(tapes, runs, path) {
    const ids = runs.map(({ manifest }) => quoted(manifest.run_id)).join(', ')
    await tapes.query(
      `copy (from request_metrics where run_id in (${ids}) order by run_id, request_id)
       to ${quoted(path)} (format csv, header)`,
    )
  },
}
