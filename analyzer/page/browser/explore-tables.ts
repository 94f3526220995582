import type { FigureMetric } from '../../figures/figure.ts'
import { type Frame, numbers, rowsWhere, texts } from '../../figures/frame.ts'
import { sliceWidth } from '../../figures/slice-width.ts'
import { shown } from '../../formats/tables.ts'
import { percentileFloor } from '../../percentile-floor.ts'
import { verdictFrom } from '../../verdict.ts'
import type { ExploreFacts } from '../packed.ts'
import { VERDICT_WORDS } from '../verdict-words.ts'
import { tableElement } from './table-element.ts'

type ExploreMetric = ExploreFacts['metrics'][number]
type Runs = { label: string }[]

/** Percentiles of the summary, and their places in the quantiles that are set from the start. */
const PERCENTILES: [percent: number, place: number][] = [
  [50, 5],
  [90, 7],
  [95, 8],
  [99, 9],
]

/** The query of one row a metric and run. */
export const summarySql = (metrics: ExploreMetric[]): string => {
  const selects = metrics.map(({ name, divisor, method, grain }, place) => {
    const value = (sql: string): string => `(${sql})::double / ${divisor}`
    const most = grain === 'run' ? 'null' : undefined
    const columns = [
      ...['min', 'max', 'std'].map(column => [column, value(most ?? column)]),
      ...PERCENTILES.map(([percent, i]) => [`p${percent}`, value(most ?? `percentiles[${i}]`)]),
    ].map(([column, sql]) => `${sql} as ${column}`)
    return `select ${place} as place, run_id, n::double as n, ${value('avg')} as avg, ${columns.join(', ')} from summary('${name}', method := '${method}')`
  })
  return `from (${selects.join(' union all ')}) order by place, run_id`
}

/** What `summarySql` answers, as a table. */
export function summaryTable(metrics: ExploreMetric[], frame: Frame, runs: Runs): HTMLElement {
  const several = runs.length > 1
  const names = ['avg', 'min', ...PERCENTILES.map(([percent]) => `p${percent}`), 'max', 'std', 'n']
  let marked = false
  const rows = Array.from({ length: frame.n }, (_, row) => {
    const metric = metrics[numbers(frame, 'place')[row]!]!
    const own = metric.grain === 'run' ? ['avg'] : names
    const n = numbers(frame, 'n')[row]!
    const cells = names.map(name => {
      if (!own.includes(name)) return ''
      const value = numbers(frame, name)[row]!
      const few = /^p\d/.test(name) && n < percentileFloor(Number(name.slice(1)))
      marked ||= few
      return `${shown(Number.isNaN(value) ? null : value)}${few ? '*' : ''}`
    })
    const title = `${metric.title} (${metric.shown})`
    return [title, ...(several ? [runs[numbers(frame, 'run')[row]!]!.label] : []), ...cells]
  })
  const caption = `${metrics[0]?.grain === 'token' ? 'Of every gap between messages' : 'Of the requests sent in the window'}${marked ? '; * fewer samples than it needs: do not read it as a percentile' : ''}`
  return tableElement(caption, ['metric', ...(several ? ['run'] : []), ...names], rows)
}

export const VERDICT_SQL = `select run_id, severity, name, message, hint from checks
  order by run_id, array_position(['error', 'warning', 'info'], severity), name`

/** Whether each run may be judged, and why not. */
export function verdictElements(frame: Frame, runs: Runs): HTMLElement[] {
  return runs.map(({ label }, place) => {
    const run = numbers(frame, 'run')
    const own = rowsWhere(frame, row => run[row] === place)
    const column = (name: string): string[] => (own.n > 0 ? texts(own, name) : [])
    const severities = column('severity')
    const verdict = verdictFrom(severities.map(severity => ({ severity })))
    const [style, means] = VERDICT_WORDS[verdict]
    const box = element('div', '', `verdict ${style}`)
    box.append(element('strong', `This run is ${verdict}.`))
    if (runs.length > 1) box.append(' ', element('span', label, 'faint'))
    box.append(element('p', means))
    const list = document.createElement('ul')
    const [messages, names, hints] = ['message', 'name', 'hint'].map(column)
    severities.forEach((severity, row) => {
      const line = document.createElement('li')
      line.append(
        ...[element('b', `${severity}: `), shown(messages![row]), ' '],
        ...[element('span', `[${names![row]}]`, 'faint'), document.createElement('br')],
        element('span', `What to do: ${shown(hints![row])}`, 'faint'),
      )
      list.append(line)
    })
    if (severities.length > 0) box.append(list)
    return box
  })
}

function element(tag: string, text: string, style = ''): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  if (style !== '') made.className = style
  return made
}

/** The query of the slices table: a tenth of what is looked at each. */
export function slicesSql(spanS: number, metrics: FigureMetric[]): string {
  const width = sliceWidth(spanS * 1e9, 10)
  const percentiles = metrics.flatMap(({ title, shown: unit, divisor }, i) => [
    `of_${i}.percentiles[5] / ${divisor} as "${title} p50 (${unit})"`,
    `of_${i}.percentiles[9] / ${divisor} as "p99 of ${title} (${unit})"`,
  ])
  const joins = metrics.map(
    ({ name }, i) =>
      `left join slice_statistics('${name}', ${width}) as of_${i} on of_${i}.run_id = each_slice.run_id and of_${i}.slice = each_slice.slice`,
  )
  return `
    select each_slice.run_id as run_id, (from_ns - zero_ns) / 1e9 as "from (s)", n_started as "sent", n_succeeded as "succeeded",
      n_failed as "failed", request_throughput as "requests/s", output_token_throughput as "tokens/s", ${percentiles.join(', ')}
    from slices(${width}) as each_slice
    join run_starts using (run_id)
    ${joins.join('\n')}
    order by each_slice.run_id, each_slice.slice`
}

/** The query of the failures table. */
export const FAILURES_SQL = `
  select run_id, outcome as "kind", n_requests as "requests", left(detail, 300) as "what was said",
    first_request_id as "for example request"
  from failures order by n_requests desc, run_id limit 20`
