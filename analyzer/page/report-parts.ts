import { formatElapsed, ns } from '../../schemas/units.ts'
import { PARTS } from '../figures/latency-parts.ts'
import { forPeople, percentileName, titled } from '../formats/number.ts'
import { type Cell, shown } from '../formats/tables.ts'
import { type RunReport, tooFew } from '../report.ts'
import type { Row } from '../rows.ts'
import { type Html, html } from './html.ts'
import { VERDICT_WORDS } from './verdict-words.ts'

/** A run, and the name it has in the page: its tape's. */
export type LabelledRun = RunReport & { label: string }

/** Percentiles of the summary table. */
export const SUMMARY_PERCENTILES = [50, 90, 95, 99]
/** Failures that are listed. */
const MOST_FAILURES = 20
const DETAIL_WIDTH = 300

/** Whether a run may be judged, and why not. */
export function verdictPart({ label, verdict, checks }: LabelledRun, several: boolean): Html {
  const [style, means] = VERDICT_WORDS[verdict]
  return html`<div class="verdict ${style}">
<strong>This run is ${verdict}.</strong>${several ? html` <span class="faint">${label}</span>` : null}
<p>${means}</p>
${
  checks.length > 0
    ? html`<ul>${checks.map(
        ({ severity, name, message, hint }) =>
          html`<li><b>${severity}:</b> ${message} <span class="faint">[${name}]</span><br><span class="faint">What to do: ${hint}</span></li>`,
      )}</ul>`
    : null
}
</div>`
}

/** What a run was. */
export function factsPart({
  label,
  manifest,
  nRequests,
  failures,
}: Pick<LabelledRun, 'label' | 'manifest' | 'nRequests' | 'failures'>): Html {
  const failed = failures.reduce((sum, { n_requests }) => sum + n_requests, 0)
  const { endpoint } = manifest
  const unixNs = manifest.started_at_unix_ns
  const started = unixNs ? new Date(Number(BigInt(unixNs) / 1_000_000n)).toISOString() : '-'
  const rows: [string, string][] = [
    ['run', manifest.run_id],
    ['model', endpoint.model],
    [
      'endpoint',
      `${endpoint.type}${endpoint.streaming ? ', streamed' : ''}: ${endpoint.urls.join(', ')}`,
    ],
    ['started', started],
    ['took', manifest.ended_ns === undefined ? '-' : formatElapsed(ns(manifest.ended_ns))],
    ['requests', `${shown(nRequests)}, of which ${shown(failed)} failed`],
    ['recorded with', `tokentape ${manifest.argv.join(' ')}`],
    ['tokens counted by', manifest.tokenizer.id],
    ['kept on the tape', manifest.keep === 'raw' ? 'every byte' : 'times and lengths, no text'],
  ]
  return tablePart({
    caption: `What was run: ${label}`,
    columns: ['', ''],
    rows: rows.map(([name, value]) => [name, value]),
    text: [1],
  })
}

export type PageTable = {
  caption: string
  columns: string[]
  rows: Cell[][]
  /** Columns that hold words, not numbers. */
  text?: number[]
  notes?: string[]
}

/** A table of a page. */
export const tablePart = ({ caption, columns, rows, text = [], notes = [] }: PageTable): Html => {
  const style = (i: number): string => (text.includes(i) ? 'text' : '')
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
${columns.some(name => name !== '') ? html`<thead><tr>${columns.map((name, i) => html`<th scope="col" class="${style(i)}">${name}</th>`)}</tr></thead>` : null}
<tbody>${rows.map(
    row =>
      html`<tr>${row.map((cell, i) =>
        i === 0
          ? html`<th scope="row">${wordsOf(cell)}</th>`
          : html`<td class="${style(i)}">${wordsOf(cell)}</td>`,
      )}</tr>`,
  )}</tbody>
</table></div>${notes.map(note => html`<p class="note">${note}</p>`)}`
}

/** Texts are escaped as a page needs it, numbers are written as on a terminal. */
const wordsOf = (cell: Cell): string => (typeof cell === 'string' ? cell : shown(cell))

/** Every metric of a run. */
export function summaryPart({ label, metrics }: LabelledRun, several: boolean): Html {
  let marked = false
  const rows = metrics.map((summary): Cell[] => {
    const number = (value: number): string => forPeople(value, summary)
    if (summary.metric.grain === 'run')
      return [
        titled(summary),
        number(summary.avg),
        ...Array(SUMMARY_PERCENTILES.length + 4).fill(''),
      ]
    const percentiles = SUMMARY_PERCENTILES.map(percent => {
      const few = tooFew(summary.n, percent)
      marked ||= few
      return `${number(summary.percentiles.get(percent)!)}${few ? '*' : ''}`
    })
    const { avg, min, max, std, n } = summary
    return [
      titled(summary),
      ...[avg, min].map(number),
      ...percentiles,
      ...[max, std].map(number),
      n,
    ]
  })
  return tablePart({
    caption: several ? `All metrics of ${label}` : 'All metrics',
    columns: [
      'metric',
      'avg',
      'min',
      ...SUMMARY_PERCENTILES.map(percentileName),
      'max',
      'std',
      'n',
    ],
    rows,
    notes: [
      'Percentiles are interpolated linearly between samples (adj_ metrics: the nearest sample). Shares under an SLO are by rank, over all requests sent.',
      ...(marked
        ? ['* fewer samples than it needs (p90 64, p99 662): do not read it as a percentile']
        : []),
    ],
  })
}

/** The parts of a request's way, as a sentence for the greatest and a table. */
export function partsPart(rows: Row[], runs: LabelledRun[]): Html {
  const several = runs.length > 1
  const of = (runId: string, population: string): Row[] =>
    rows.filter(row => row['run_id'] === runId && row['population'] === population)
  const sentences = runs.flatMap(({ runId, label }) => {
    const own = of(runId, 'all')
    const [most] = [...own].sort((a, b) => Number(b['share']) - Number(a['share']))
    if (!most) return []
    const whole = own.reduce((sum, row) => sum + Number(row['mean_ms']), 0)
    return [
      html`<p>${several ? `${label}: of` : 'Of'} <b>${shown(whole)} ms</b> that a successful request took on average, <b>${percent(most['share'])}</b> passed from <b>${PARTS[String(most['part'])]!}</b> (${shown(Number(most['mean_ms']))} ms).</p>`,
    ]
  })
  if (sentences.length === 0) return html`<p>No request succeeded.</p>`
  return html`${sentences}${tablePart({
    caption: 'Mean time of each part, of all successful requests and of the slowest 5 %',
    columns: [
      ...(several ? ['run'] : []),
      ...['part', 'all (ms)', 'share', 'n', 'slowest 5 % (ms)', 'share', 'n'],
    ],
    rows: runs.flatMap(({ runId, label }) =>
      of(runId, 'all').map((row): Cell[] => {
        const slow = of(runId, 'slowest 5 %').find(other => other['part'] === row['part'])
        return [
          ...(several ? [label] : []),
          PARTS[String(row['part'])]!,
          ...[row, slow].flatMap(found => [
            found ? Number(found['mean_ms']) : null,
            percent(found?.['share']),
            found ? Number(found['n']) : null,
          ]),
        ]
      }),
    ),
  })}`
}

export const percent = (share: unknown): string =>
  share === null || share === undefined ? '-' : `${(100 * Number(share)).toFixed(1)} %`

/** What failed, and what was said. */
export function failuresPart(runs: LabelledRun[]): Html {
  const several = runs.length > 1
  const rows = runs.flatMap(({ label, failures }) =>
    failures.slice(0, MOST_FAILURES).map(({ outcome, detail, n_requests, first_request_id }) => {
      const words = detail ?? ''
      const said = words.length > DETAIL_WIDTH ? `${words.slice(0, DETAIL_WIDTH)}…` : words
      return [...(several ? [label] : []), outcome, n_requests, said, first_request_id]
    }),
  )
  if (rows.length === 0) return html`<p>No request failed.</p>`
  const kinds = runs.reduce((sum, { failures }) => sum + failures.length, 0)
  return tablePart({
    caption: 'Failed requests by what was said',
    columns: [
      ...(several ? ['run'] : []),
      'kind',
      'requests',
      'what was said',
      'for example request',
    ],
    rows,
    text: [several ? 3 : 2],
    notes: kinds > rows.length ? [`${kinds - rows.length} more kinds are not listed`] : [],
  })
}
