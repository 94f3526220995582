import { errorOfMetric, type Instrument, instrumentNotes } from '../instrument.ts'
import { promptPartsText } from '../prompt-parts.ts'
import { type Failure, type RunReport, type RunShard, type Summary, tooFew } from '../report.ts'
import { windowText } from '../window.ts'
import type { Format } from './format.ts'
import { forPeople, percentileName, titled } from './number.ts'
import { printable } from './printable.ts'

/** Failures that are listed; the rest are counted. */
const MOST_FAILURES = 10
/** Characters of a failure's detail in a list. */
const DETAIL_WIDTH = 160

/** A report for a person at a terminal: the verdict first, then the numbers, then what failed. */
export const text: Format = (runs, { columns }) => {
  const notes = instrumentNotes(runs, columns).map(note => `note: ${printable(note)}\n`)
  const parts = runs.map(run => `${textOf(run, columns, runs.length > 1)}\n`)
  return [...parts, ...(notes.length > 0 ? [notes.join('')] : [])].join('\n')
}

function textOf(run: RunReport, columns: number[], several: boolean): string {
  const { runId, manifest, nRequests, verdict, checks, shards, metrics, failures } = run
  const failed = failures.reduce((sum, { n_requests }) => sum + n_requests, 0)
  const head = `${printable(runId)}: ${printable(manifest.endpoint.model)}, ${nRequests} requests, ${failed} failed`
  const judged = [`verdict${several ? ` on ${printable(runId)}` : ''}: ${verdict}`]
  for (const { severity, name, message, hint } of checks)
    judged.push(`  ${severity}: ${printable(message)} [${name}]`, `    hint: ${printable(hint)}`)
  const window = run.window ? [`  ${printable(windowText(run.window))}`] : []
  const parts = [judged.join('\n'), [head, ...window, ...shards.map(shardLine)].join('\n')]
  if (metrics.length > 0) parts.push(tableOf(metrics, columns, run.instrument))
  if (run.prompts) parts.push(promptPartsText(run.prompts).join('\n  '))
  if (failures.length > 0) parts.push(failuresOf(failures))
  return parts.join('\n\n')
}

/** A shard and the offset of its clock: as good as the machines' clocks agree. */
const shardLine = ({ index, of, tape, offsetNs }: RunShard): string =>
  `  shard ${index} of ${of}: ${printable(tape)}, clock offset ${(offsetNs / 1e6).toFixed(3)} ms`

function tableOf(
  metrics: Summary[],
  columns: number[],
  instrument: Instrument | undefined,
): string {
  const level = instrument?.level
  const names = ['metric', 'avg', 'min', 'max', ...columns.map(percentileName), 'std', 'n']
  const rows = [level ? [...names, 'error'] : names]
  let marked = false
  for (const summary of metrics) {
    const number = (value: number): string => forPeople(value, summary)
    if (summary.metric.grain === 'run') {
      rows.push([titled(summary), `${number(summary.avg)} `])
      continue
    }
    const percentiles = columns.map(percent => {
      const few = tooFew(summary.n, percent)
      marked ||= few
      return `${number(summary.percentiles.get(percent)!)}${few ? '*' : ' '}`
    })
    const [avg, min, max, std] = [summary.avg, summary.min, summary.max, summary.std].map(
      value => `${number(value)} `,
    )
    const cells = [titled(summary), avg!, min!, max!, ...percentiles, std!, `${summary.n} `]
    const error = level && errorOfMetric(summary.metric, level)
    rows.push(error === undefined ? cells : [...cells, `±${number(error)} `])
  }
  const note = marked
    ? '\n* fewer samples than it needs (p90 64, p99 662): do not read it as a percentile'
    : ''
  return aligned(rows) + note
}

/** Columns of equal width: the first to the left, numbers to the right. */
function aligned(rows: string[][]): string {
  const widths = rows[0]!.map((_, i) =>
    Math.max(...rows.map(row => (row[i] ?? '').trimEnd().length)),
  )
  return rows
    .map(([first, ...cells], rowIndex) => {
      const padded = cells.map((cell, i) =>
        (rowIndex === 0 ? `${cell} ` : cell).padStart(widths[i + 1]! + 1),
      )
      return [first!.padEnd(widths[0]!), ...padded].join('  ').trimEnd()
    })
    .join('\n')
}

function failuresOf(failures: Failure[]): string {
  const lines = failures
    .slice(0, MOST_FAILURES)
    .map(({ outcome, detail, n_requests, first_request_id }) => {
      const words = printable(detail ?? '')
      const said = words.length > DETAIL_WIDTH ? `${words.slice(0, DETAIL_WIDTH)}…` : words
      return `  ${String(n_requests).padStart(6)}  ${outcome.padEnd(13)}  ${said} (request ${first_request_id})`
    })
  const rest = failures.slice(MOST_FAILURES).reduce((sum, { n_requests }) => sum + n_requests, 0)
  if (rest > 0)
    lines.push(
      `  ${String(rest).padStart(6)}  more, of ${failures.length - MOST_FAILURES} other kinds`,
    )
  return ['failures', ...lines].join('\n')
}
