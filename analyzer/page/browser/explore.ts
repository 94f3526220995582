import type { Question } from '../../figures/figure.ts'
import { type Frame, numbers } from '../../figures/frame.ts'
import { FIGURES } from '../../figures/index.ts'
import { MOST_SAMPLES, questionFor, SIZE_SQL } from '../../figures/question.ts'
import type { ExploreFacts } from '../packed.ts'
import { type Asked, ask } from './ask.ts'
import { type Chart, chartOf, themeNow } from './charts.ts'
import { editorIn } from './console.ts'
import { hashOf, type State, stateOf } from './explore-state.ts'
import {
  FAILURES_SQL,
  slicesSql,
  summarySql,
  summaryTable,
  VERDICT_SQL,
  verdictElements,
} from './explore-tables.ts'
import { numbersTable } from './numbers-table.ts'
import { resultPlot } from './result-plot.ts'
import { runChooser } from './run-chooser.ts'
import { limitColumns, type Slo, share, showCommand, sloForm, sloText } from './slo-form.ts'
import { showGood } from './slo-table.ts'
import { unpack } from './unpack.ts'
import { type View, viewer } from './views.ts'

const FIRST_QUERY =
  'select outcome, count(*) as n, avg(output_tokens) as tokens\nfrom requests\ngroup by outcome'
/** Shares of the requests for which the tightest limits are shown. */
const SHARES = [0.5, 0.9, 0.95, 0.99]
/** Runs that are drawn at first: two can be told apart. */
const FIRST_RUNS = 2

const find = <T extends Element>(selector: string): T => document.querySelector<T>(selector)!
const { facts } = await unpack<ExploreFacts>(find('#frames').textContent!)
const runIds = facts.runs.map(({ id }) => id)
const drawn = facts.metrics.filter(metric => metric.drawn)
const metricNow = () => drawn.find(({ name }) => name === state.metric) ?? drawn[0]!

let state = stateOf(location.hash)
if (location.hash === '')
  state.hidden = facts.runs.map((_, place) => place).filter(place => place >= FIRST_RUNS)
const runs = facts.runs.map(({ label }, place) => ({ label, shown: !state.hidden.includes(place) }))

function show(change: Partial<State>): void {
  state = { ...state, ...change }
  history.replaceState(null, '', hashOf(state))
}

/** Asks of what is looked at now. */
const asked = (question: Asked, signal?: AbortSignal): Promise<Frame> =>
  ask({ ...question, window: state.window }, runIds, signal)

/** What figures ask of the window, found once for each. */
let questioned:
  | { window: State['window']; question: Promise<{ question: Question; nMessages: number }> }
  | undefined
async function questionNow(signal: AbortSignal): Promise<Question> {
  const { window } = state
  if (questioned?.window !== window || !questioned) {
    const found = asked({ sql: SIZE_SQL, keep: true }, signal).then(size => {
      const [span_ns, n, n_chunks] = ['span_ns', 'n', 'n_chunks'].map(
        name => numbers(size, name)[0]!,
      )
      const known = { span_ns: span_ns || null, n: n!, n_chunks: n_chunks || null }
      return {
        question: questionFor(known, runs.length, metricNow(), facts.gpus),
        nMessages: n! * (n_chunks || 0),
      }
    })
    questioned = { window, question: found }
    found.catch(() => {
      questioned = undefined
    })
  }
  const metric = metricNow()
  const { question, nMessages } = await questioned.question
  return { ...question, metric, binned: metric.grain === 'token' && nMessages > MOST_SAMPLES }
}

const charts = new Map<string, Chart>()
const redraw = (): void => {
  for (const chart of charts.values()) chart.draw()
}

const figureViews = Object.entries(FIGURES).flatMap(([name, figure]): View[] => {
  const element = document.querySelector<HTMLElement>(`[data-figure="${name}"]`)
  if (!element) return []
  // Before it is drawn, so that nothing jumps.
  const context = { runs, metric: metricNow(), theme: themeNow(), width: 0 }
  element.style.height = `${figure.height(context)}px`
  return [
    {
      element,
      async load(signal) {
        const question = await questionNow(signal)
        const frames: { [name: string]: Frame } = {}
        for (const [frame, sql] of Object.entries(figure.frames(question)))
          frames[frame] = await asked({ sql, figure: name, keep: true }, signal)
        const chart = chartOf(element, figure, frames, question.metric, runs, zoomed)
        charts.get(name)?.dispose()
        charts.set(name, chart)
        chart.draw()
      },
    },
  ]
})

const tableView = (id: string, load: (signal: AbortSignal) => Promise<Element[]>): View => {
  const element = find<HTMLElement>(`#${id}`)
  return {
    element,
    load: async signal => element.replaceChildren(...(await load(signal))),
  }
}
const rowsView = (id: string, caption: string, question: () => Asked): View => {
  const element = find<HTMLElement>(`#${id}`)
  return {
    element,
    load: async signal =>
      numbersTable(
        element,
        { [caption]: await asked({ ...question(), keep: true }, signal) },
        runs,
      ),
  }
}
/** Statistics of the main metrics. */
const numbersView = (
  id: string,
  wanted: (metric: (typeof facts.metrics)[number]) => boolean,
): View => {
  const metrics = facts.metrics.filter(metric => metric.main && wanted(metric))
  return tableView(id, async signal => [
    summaryTable(metrics, await asked({ sql: summarySql(metrics), keep: true }, signal), runs),
  ])
}
const spanS = (): number => (state.window ? state.window.to - state.window.from : facts.spanS)

const views: View[] = [
  numbersView('numbers', ({ grain }) => grain !== 'token'),
  ...(limitColumns().length > 0
    ? [
        { element: find<HTMLElement>('#goodput'), load: async () => judge(form!.now()) },
        rowsView(
          'limits',
          'The tightest limit that each share of the requests sent meets, one metric alone (ms)',
          () => ({ limits: { shares: SHARES, columns: limitColumns() } }),
        ),
      ]
    : []),
  ...figureViews,
  rowsView('slices', 'How the run went in the window', () => ({
    sql: slicesSql(
      spanS(),
      drawn.filter(({ main, grain }) => main && grain === 'request').slice(0, 3),
    ),
  })),
  rowsView('failures', 'Failed requests by what was said', () => ({ sql: FAILURES_SQL })),
]
// From the top: what stands first is computed first.
views.sort((a, b) =>
  a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
)
// But for what reads every message, which there may be a hundred million of.
views.push(
  tableView('verdicts', async signal =>
    verdictElements(await asked({ sql: VERDICT_SQL, keep: true }, signal), runs),
  ),
  numbersView('gap-numbers', ({ grain }) => grain === 'token'),
)

const status = find('#status')
let failed = ''
const viewing = viewer(views, {
  busy() {
    status.textContent = `${windowWords()}: computing`
  },
  ready(ms) {
    status.textContent = failed || `${windowWords()}: computed in ${(ms / 1000).toFixed(2)} s`
    const page = document.documentElement.dataset
    page['ready'] = String(Number(page['ready'] ?? 0) + 1)
  },
  failed(_view, reason) {
    failed = reason instanceof Error ? reason.message : String(reason)
  },
})
const windowWords = (): string =>
  state.window
    ? `window: ${state.window.from} to ${state.window.to} s after the first send`
    : 'the whole run'

/** Computes everything anew for the state. What was under way for an older one is given up. */
function compute(): void {
  failed = ''
  const { window } = state
  find<HTMLInputElement>('#from').value = String(window?.from ?? 0)
  find<HTMLInputElement>('#to').value = String(window?.to ?? Math.ceil(facts.spanS * 1000) / 1000)
  find<HTMLSelectElement>('#metric').value = metricNow().name
  // Tokens are too many to be points: their metrics have distributions.
  const overTime = find<HTMLElement>('#figure-over-time')
  overTime.hidden = metricNow().grain !== 'request'
  viewing.again()
}

/** A brush over time becomes the window. */
function zoomed(from: number, to: number): void {
  const place = (value: number): number => Math.round(value * 1000) / 1000
  show({ window: { from: Math.max(0, place(from)), to: place(to) } })
  compute()
}

find('#view').addEventListener('submit', event => {
  event.preventDefault()
  const value = (id: string): number => Number(find<HTMLInputElement>(id).value)
  show({ window: { from: value('#from'), to: value('#to') } })
  compute()
})
find('#whole').addEventListener('click', () => {
  show({ window: undefined })
  compute()
})
find('#metric').addEventListener('change', ({ target }) => {
  show({ metric: (target as HTMLSelectElement).value })
  compute()
})

/** Goodput as the limits move: the database counts, for the last limits that were said. */
let wanted: Slo | undefined
let judging = false
async function judge(slo: Slo): Promise<void> {
  wanted = slo
  const { window } = state
  showCommand(slo, `${facts.tapes}${window ? ` --from ${window.from}s --to ${window.to}s` : ''}`)
  if (judging) return
  judging = true
  try {
    while (wanted) {
      const own: Slo = wanted
      wanted = undefined
      const frame = await asked({
        slo: { text: sloText(own), targetPerSec: own.target, attain: share(own.attain) },
      })
      showGood(goodRows(frame, own), limitColumns(), own)
      find('#slo-error').textContent = ''
    }
  } catch (reason) {
    find('#slo-error').textContent = reason instanceof Error ? reason.message : String(reason)
  } finally {
    judging = false
  }
}

function goodRows(frame: Frame, slo: Slo): Parameters<typeof showGood>[0] {
  const run = numbers(frame, 'run')
  return facts.runs.flatMap(({ label }, place) => {
    const row = run.indexOf(place)
    if (row < 0) return []
    const value = (name: string): number | null => {
      const found = numbers(frame, name)[row]!
      return Number.isNaN(found) ? null : found
    }
    const attained = value('attained')
    return [
      {
        label,
        nGood: value('n_good')!,
        shareOfSent: value('share_of_sent'),
        shareOfCompleted: value('share_of_completed'),
        goodput: value('goodput'),
        met: Object.fromEntries(slo.limits.map(({ column }, i) => [column, value(`met_${i}`)])),
        attained: attained === null ? null : attained === 1,
        serversByGoodput: value('servers_by_goodput'),
        serversAtLeast: value('servers_at_least'),
        serversByThroughput: value('servers_by_throughput'),
      },
    ]
  })
}

const form =
  limitColumns().length > 0
    ? sloForm(facts.reach, facts.ratePerSec, slo => {
        show({ slo })
        if (!judging) viewing.giveWay(judge(slo))
        else void judge(slo)
      })
    : undefined
if (state.slo) form?.set(state.slo)

addEventListener('hashchange', () => {
  state = stateOf(location.hash)
  runs.forEach((run, place) => {
    run.shown = !state.hidden.includes(place)
  })
  document.querySelectorAll<HTMLInputElement>('#runs input').forEach((box, place) => {
    box.checked = runs[place]!.shown
  })
  if (state.slo) form?.set(state.slo)
  compute()
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
    const rows = await asked({ sql })
    numbersTable(result, { [`${rows.n} rows`]: rows }, runs)
    if (!find<HTMLInputElement>('#plot').checked) return
    figure.hidden = false
    chartOf(find('#result-plot'), resultPlot, { rows }, metricNow(), runs).draw()
  } catch (reason) {
    error.textContent = reason instanceof Error ? reason.message : String(reason)
  }
}
const editor = editorIn(
  find('#editor'),
  state.sql ?? FIRST_QUERY,
  facts.words,
  () => void runQuery(),
)
find('#run').addEventListener('click', () => void runQuery())
runChooser(runs, () => {
  show({ hidden: runs.flatMap(({ shown }, place) => (shown ? [] : [place])) })
  redraw()
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
let width = innerWidth
addEventListener('resize', () => {
  if (innerWidth !== width) redraw()
  width = innerWidth
})
compute()
