import type { Figure } from './figure.ts'
import { numbers, rowsWhere, texts } from './frame.ts'
import {
  axis,
  counted,
  fromStart,
  plain,
  short,
  shownRuns,
  upright,
  zoomable,
} from './frame-axes.ts'

/** Marks of kinds, so that they differ without colour. */
const MARKS = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'arrow', 'roundRect']

/** Failed requests by kind, over time. */
export const failures: Figure = {
  title: () => 'Failures by kind over time',
  caption:
    'How many requests failed in each slice of time, by what became of them, whenever they failed.',
  perMetric: false,
  height: () => 260,
  frames: ({ widthNs }) => ({
    slices: `select run_id, from_s, outcome, n_requests from failure_slices(${widthNs})`,
    spans: 'select run_id, (last_ns - zero_ns) / 1e9 as length_s from run_starts',
  }),
  option({ slices, spans }, context) {
    const shown = rowsWhere(slices!, row => context.runs[numbers(slices!, 'run')[row]!]!.shown)
    const [run, from, n] = ['run', 'from_s', 'n_requests'].map(name => numbers(shown, name))
    const outcome = texts(shown, 'outcome')
    const kinds = [...new Set(outcome)].sort()
    let total = 0
    const series = kinds.map((kind, i) => {
      const data: number[][] = []
      outcome.forEach((name, row) => {
        if (name !== kind) return
        total += n![row]!
        data.push([from![row]!, n![row]!, run![row]!])
      })
      return {
        type: 'scatter',
        name: kind,
        symbol: MARKS[i % MARKS.length],
        symbolSize: 9,
        itemStyle: { color: context.theme.series[(i + 1) % context.theme.series.length] },
        data,
        tooltip: {
          formatter: ({ data: at }: { data: number[] }) =>
            `${kind}: ${counted(at[1]!)} in the slice from ${at[0]} s${context.runs.length > 1 ? `\n${context.runs[at[2]!]!.label}` : ''}`,
        },
      }
    })
    const length = Math.max(
      0,
      ...shownRuns(context).map(({ place }) => numbers(spans!, 'length_s')[place] ?? 0),
    )
    return {
      ...plain(context, `Failures by kind over time, n = ${counted(total)} failed requests`, true),
      ...zoomable(context),
      xAxis: axis(context, 'failed, s since the first send', {
        min: fromStart,
        max: length,
        axisLabel: {
          color: context.theme.faint,
          hideOverlap: true,
          formatter: short,
          showMaxLabel: false,
        },
      }),
      yAxis: upright(context, 'failed requests in the slice', { min: 0, minInterval: 1 }),
      series,
    }
  },
}
