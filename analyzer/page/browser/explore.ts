import type { Question } from '../../figures/figure.ts'
import type { Frame } from '../../figures/frame.ts'
import { FIGURES } from '../../figures/index.ts'
import { sliceWidth } from '../../figures/slice-width.ts'
import type { ExploreFacts } from '../packed.ts'
import { ask, Refusal, type Window } from './ask.ts'
import { type Chart, chartOf } from './charts.ts'
import { editorIn } from './console.ts'
import { numbersTable } from './numbers-table.ts'
import { resultPlot } from './result-plot.ts'
import { unpack } from './unpack.ts'

const GROUPS: Record<string, string[]> = {
  time: ['over-time', 'throughput', 'concurrency', 'failures', 'arrival-roll', 'latency-parts'],
  distribution: ['percentile-spectrum', 'histogram', 'ecdf', 'goodput-surface', 'pareto'],
  all: Object.keys(FIGURES),
}
const FIRST_QUERY =
  'select outcome, count(*) as n, avg(output_tokens) as tokens\nfrom requests\ngroup by outcome'

const find = <T extends Element>(selector: string): T => document.querySelector<T>(selector)!
const { facts } = await unpack<ExploreFacts>(find('#frames').textContent!)
const runIds = facts.runs.map(({ id }) => id)
const runs = facts.runs.map(({ label }) => ({ label, shown: true }))
const metricOf = (name: string) => facts.metrics.find(metric => metric.name === name)!

/** What the page shows; the address carries it. */
type State = { from?: number; to?: number; metric: string; group: string; sql: string }

function stateOf(hash: string): State {
  const words = new URLSearchParams(hash.slice(1))
  const number = (name: string): number | undefined => {
    const text = words.get(name)
    return text === null || !Number.isFinite(Number(text)) ? undefined : Number(text)
  }
  const [from, to] = [number('from'), number('to')]
  const metric = words.get('metric') ?? ''
  return {
    ...(from !== undefined && to !== undefined && to > from ? { from, to } : {}),
    metric: metricOf(metric) ? metric : facts.metrics[0]!.name,
    group: GROUPS[words.get('group') ?? ''] ? words.get('group')! : 'time',
    sql: words.get('sql') ?? FIRST_QUERY,
  }
}

let state = stateOf(location.hash)
let turn = 0

const windowNow = (): Window | undefined =>
  state.from === undefined ? undefined : { from: state.from, to: state.to! }

function show(change: Partial<State>): void {
  state = { ...state, ...change }
  const words = new URLSearchParams()
  for (const [name, value] of Object.entries(state))
    if (value !== undefined && value !== FIRST_QUERY) words.set(name, String(value))
  history.replaceState(null, '', `#${words}`)
}

async function framesFor(name: string, question: Question): Promise<{ [name: string]: Frame }> {
  const figure = FIGURES[name]!
  const window = windowNow()
  const frames: { [name: string]: Frame } = {}
  for (const [frame, sql] of Object.entries(figure.frames(question)))
    frames[frame] = await ask({ sql, figure: name, window }, runIds)
  return frames
}

const charts = new Map<string, Chart>()

/** Computes everything anew for the state. What was under way for an older one is dropped. */
async function compute(): Promise<void> {
  const own = ++turn
  const status = find('#status')
  const metric = metricOf(state.metric)
  const window = windowNow()
  find<HTMLInputElement>('#from').value = String(window?.from ?? 0)
  find<HTMLInputElement>('#to').value = String(window?.to ?? Math.ceil(facts.spanS * 1000) / 1000)
  find<HTMLSelectElement>('#metric').value = state.metric
  find<HTMLSelectElement>('#group').value = state.group
  const spanS = window ? window.to - window.from : facts.spanS
  const question: Question = {
    metric,
    widthNs: sliceWidth(spanS * 1e9),
    nMost: facts.nMost,
    dense: facts.dense,
    gpus: 1,
  }
  status.textContent = 'computing'
  try {
    await numbers(window)
    for (const name of Object.keys(FIGURES)) {
      const figure = find<HTMLElement>(`#figure-${name}`)
      const wanted =
        GROUPS[state.group]!.includes(name) &&
        (name !== 'pareto' || runs.length > 1) &&
        (name !== 'over-time' || metric.perRequest)
      figure.hidden = !wanted
      if (!wanted) continue
      const frames = await framesFor(name, question)
      if (own !== turn) return
      const element = find<HTMLElement>(`[data-figure="${name}"]`)
      const chart = chartOf(element, FIGURES[name]!, frames, metric, runs, zoomed)
      charts.get(name)?.dispose()
      charts.set(name, chart)
      chart.draw()
    }
    status.textContent = window
      ? `window: ${window.from} to ${window.to} s after the first send`
      : 'the whole run'
  } catch (error) {
    if (own === turn) status.textContent = String(error instanceof Refusal ? error.message : error)
  }
  if (own === turn) document.documentElement.dataset['ready'] = String(own)
}

/** The main numbers of the window, one row a metric and run. */
async function numbers(window: Window | undefined): Promise<void> {
  const selects = facts.metrics
    .filter(({ main }) => main)
    .map(
      ({ name, title, shown, divisor }, i) =>
        `select ${i} as place, '${title} (${shown})' as metric, run_id, n, avg / ${divisor} as avg, percentiles[5] / ${divisor} as p50, percentiles[7] / ${divisor} as p90, percentiles[9] / ${divisor} as p99, max / ${divisor} as max from summary('${name}')`,
    )
  const main = selects.join(' union all ')
  const frame = await ask(
    {
      sql: `select metric, run_id, n, avg, p50, p90, p99, max from (${main}) order by place, run_id`,
      window,
    },
    runIds,
  )
  numbersTable(find('#numbers'), { 'Requests sent in the window': frame }, runs)
}

/** A brush over time becomes the window. */
function zoomed(from: number, to: number): void {
  const place = (value: number): number => Math.round(value * 1000) / 1000
  show({ from: Math.max(0, place(from)), to: place(to) })
  void compute()
}

find('#view').addEventListener('submit', event => {
  event.preventDefault()
  const value = (id: string): number => Number(find<HTMLInputElement>(id).value)
  show({ from: value('#from'), to: value('#to') })
  void compute()
})
find('#whole').addEventListener('click', () => {
  const { from: _from, to: _to, ...rest } = state
  state = rest
  show({})
  void compute()
})
for (const [id, name] of [
  ['#metric', 'metric'],
  ['#group', 'group'],
] as const)
  find(id).addEventListener('change', ({ target }) => {
    show({ [name]: (target as HTMLSelectElement).value })
    void compute()
  })
addEventListener('hashchange', () => {
  state = stateOf(location.hash)
  void compute()
})

async function runQuery(): Promise<void> {
  const sql = editor.state.doc.toString()
  show({ sql })
  const [error, result, figure] = [
    find('#error'),
    find('#result'),
    find<HTMLElement>('#result-figure'),
  ]
  error.textContent = ''
  result.replaceChildren()
  figure.hidden = true
  try {
    const rows = await ask({ sql, window: windowNow() }, runIds)
    numbersTable(result, { [`${rows.n} rows`]: rows }, runs)
    if (!find<HTMLInputElement>('#plot').checked) return
    figure.hidden = false
    chartOf(find('#result-plot'), resultPlot, { rows }, facts.metrics[0]!, runs).draw()
  } catch (reason) {
    error.textContent = reason instanceof Error ? reason.message : String(reason)
  }
}
const editor = editorIn(find('#editor'), state.sql, facts.words, () => void runQuery())
find('#run').addEventListener('click', () => void runQuery())
if (runs.length > 1)
  find('#runs').append(
    ...runs.map(run => {
      const label = document.createElement('label')
      const box = document.createElement('input')
      box.type = 'checkbox'
      box.checked = true
      box.addEventListener('change', () => {
        run.shown = box.checked
        for (const chart of charts.values()) chart.draw()
      })
      label.append(box, run.label)
      return label
    }),
  )
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const chart of charts.values()) chart.draw()
})
await compute()
