import { type Frame, numbers, rowsWhere } from '../../figures/frame.ts'
import { FIGURES } from '../../figures/index.ts'
import type { PageFacts } from '../packed.ts'
import { type Chart, chartOf, watch } from './charts.ts'
import { runChooser } from './run-chooser.ts'
import { sliders } from './sliders.ts'
import { unpack } from './unpack.ts'

/** Metrics drawn over time: the columns of timed_requests that hold them. */
const COLUMNS: Record<string, string> = {
  time_to_first_token: 'ttft_ms',
  inter_token_latency: 'itl_ms',
  request_latency: 'latency_ms',
}
/** Runs that are drawn at first: two can be told apart. */
const FIRST_RUNS = 2

const { facts, frames } = await unpack<PageFacts>(document.querySelector('#frames')!.textContent!)
const runs = facts.runs.map(({ label }, place) => ({ label, shown: place < FIRST_RUNS }))
const requests = frames['requests']!

/** The rows that over_time gives, from those that the page has. */
function samplesOf(column: string): Frame {
  const value = numbers(requests, column)
  const kept = rowsWhere(requests, row => !Number.isNaN(value[row]!))
  return {
    n: kept.n,
    columns: {
      run: numbers(kept, 'run'),
      request_id: numbers(kept, 'request_id'),
      sent_s: numbers(kept, 'sent_ms').map(ms => ms / 1000),
      value: numbers(kept, column),
    },
  }
}

const charts: Chart[] = [...document.querySelectorAll<HTMLElement>('[data-figure]')].map(
  element => {
    const name = element.dataset['figure']!
    const tag = element.dataset['metric']!
    const metric = facts.metrics[tag] ??
      Object.values(facts.metrics)[0] ?? { name: '', title: '', shown: '', divisor: 1 }
    const drawn = facts.drawn[tag ? `${name} ${tag}` : name] ?? {}
    const own: { [frame: string]: Frame } =
      name === 'over-time'
        ? { samples: samplesOf(COLUMNS[tag]!) }
        : Object.fromEntries(
            Object.entries(drawn).map(([frame, packed]) => [frame, frames[packed]!]),
          )
    return chartOf(element, FIGURES[name]!, own, metric, runs)
  },
)
const again = watch(charts)
if (document.querySelector('[data-limit]')) sliders(requests, facts)

runChooser(runs, again)
document.documentElement.dataset['ready'] = 'yes'
