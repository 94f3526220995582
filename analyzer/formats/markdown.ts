import { errorOfMetric, instrumentNotes } from '../instrument.ts'
import { promptPartsText } from '../prompt-parts.ts'
import { type RunReport, tooFew } from '../report.ts'
import { windowText } from '../window.ts'
import type { Format } from './format.ts'
import { forPeople, percentileName, titled } from './number.ts'
import { printable } from './printable.ts'

/** A report to paste into an issue or a pull request. */
export const markdown: Format = (runs, { columns }) => {
  const notes = instrumentNotes(runs, columns).map(note => `- note: ${cell(note)}\n`)
  const parts = runs.map(run => `${markdownOf(run, columns)}\n`)
  return [...parts, ...(notes.length > 0 ? [notes.join('')] : [])].join('\n')
}

function markdownOf(
  { runId, verdict, checks, shards, metrics, prompts, failures, window, instrument }: RunReport,
  columns: number[],
): string {
  const row = (cells: string[]): string => `| ${cells.join(' | ')} |`
  const level = instrument?.level
  const names = ['metric', 'avg', 'min', 'max', ...columns.map(percentileName), 'std', 'n']
  if (level) names.push('error')
  const lines = [`### ${cell(runId)}`, '', `**${verdict}**`, '']
  if (window) lines.push(cell(windowText(window)), '')
  for (const { severity, message, hint } of checks)
    lines.push(`- ${severity}: ${cell(message)}. Hint: ${cell(hint)}`)
  if (checks.length > 0) lines.push('')
  for (const { index, of, tape, offsetNs } of shards)
    lines.push(
      `- shard ${index} of ${of}: ${cell(tape)}, clock offset ${(offsetNs / 1e6).toFixed(3)} ms`,
    )
  if (shards.length > 0) lines.push('')
  lines.push(row(names), row(names.map((_, i) => (i === 0 ? '---' : '---:'))))
  for (const summary of metrics) {
    const number = (value: number): string => forPeople(value, summary)
    const percentiles = columns.map(
      percent =>
        number(summary.percentiles.get(percent)!) + (tooFew(summary.n, percent) ? '\\*' : ''),
    )
    const { avg, min, max, std, n } = summary
    const error = level && errorOfMetric(summary.metric, level)
    const spread = [number(min), number(max), ...percentiles, number(std), String(n)]
    if (level) spread.push(error === undefined ? '' : `±${number(error)}`)
    const single = summary.metric.grain === 'run'
    lines.push(row([titled(summary), number(avg), ...(single ? spread.map(() => '') : spread)]))
  }
  if (prompts) lines.push('', promptPartsText(prompts).map(cell).join('  \n'))
  if (failures.length > 0) {
    lines.push('', row(['failed', 'outcome', 'detail']), row(['---:', '---', '---']))
    for (const { n_requests, outcome, detail } of failures)
      lines.push(row([String(n_requests), outcome, cell(detail ?? '')]))
  }
  return lines.join('\n')
}

/** A server's text as the content of a cell. */
const cell = (text: string): string =>
  printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('|', '\\|')
