import type { Figure } from './figure.ts'
import { numbers, ofRun } from './frame.ts'
import { axis, counted, plain, short, shownRuns } from './frame-axes.ts'

/** The share of good requests for every pair of limits. */
export const goodputSurface: Figure = {
  title: () => 'Goodput surface',
  caption:
    'The share of the requests sent that meet both limits. The lower left corner of the bright region is the tightest SLO that the system holds. Of several runs, the first that is shown.',
  perMetric: false,
  height: () => 340,
  prepare: [
    `create or replace temp table _figure_points as
     select run_id, ttft_ms as x, itl_ms as y, null::double as z from timed_requests where outcome = 'ok'`,
    'create or replace temp table _figure_cells as from surface_cells',
  ],
  frames: () => ({
    cells: `select run_id, n_sent, x as ttft_ms, y as itl_ms, share_of_sent, goodput
            from goodput_grid('_figure_points', '_figure_cells')`,
  }),
  option({ cells }, context) {
    const [run] = shownRuns(context)
    const frame = ofRun(cells!, run?.place ?? 0)
    const [ttft, itl, share, goodput] = ['ttft_ms', 'itl_ms', 'share_of_sent', 'goodput'].map(
      name => numbers(frame, name),
    )
    const ascending = (values: Float64Array): number[] => [...new Set(values)].sort((a, b) => a - b)
    const [xs, ys] = [ascending(ttft!), ascending(itl!)]
    const n = frame.n > 0 ? numbers(frame, 'n_sent')[0]! : 0
    const whose = context.runs.length > 1 && run ? ` of ${run.label}` : ''
    const data = Array.from(share!, (value, row) => [
      xs.indexOf(ttft![row]!),
      ys.indexOf(itl![row]!),
      100 * value,
      goodput![row]!,
    ])
    const limits = (values: number[], name: string, more = {}) =>
      axis(context, name, {
        type: 'category',
        data: values.map(short),
        axisLabel: { color: context.theme.faint, hideOverlap: true },
        splitLine: { show: false },
        ...more,
      })
    return {
      ...plain(context, `Goodput surface${whose}, n = ${counted(n)} requests sent`, false),
      grid: { left: 74, right: 96, top: 48, bottom: 50 },
      xAxis: limits(xs, 'limit of time to first token (ms)'),
      yAxis: limits(ys, 'limit of inter token latency (ms)', { nameGap: 52 }),
      visualMap: {
        min: 0,
        max: 100,
        dimension: 2,
        calculable: false,
        orient: 'vertical',
        right: 4,
        top: 'middle',
        itemWidth: 14,
        text: ['100 %', '0 %'],
        textStyle: { color: context.theme.faint },
        inRange: { color: context.theme.scale },
      },
      series: [
        {
          type: 'heatmap',
          data,
          label: {
            show: context.width >= 700,
            formatter: ({ data: at }: { data: number[] }) => String(Math.floor(at[2]!)),
            fontSize: 10,
          },
          tooltip: {
            formatter: ({ data: at }: { data: number[] }) =>
              `first token within ${short(xs[at[0]!])} ms,\ninter token latency within ${short(ys[at[1]!])} ms:\n${short(at[2])} % good, ${short(at[3])} requests/s`,
          },
        },
      ],
    }
  },
}
