import type { Figure } from './figure.ts'
import { numbers, ofRun } from './frame.ts'
import {
  axis,
  counted,
  fromStart,
  nShown,
  plain,
  short,
  shownRuns,
  upright,
  zoomable,
} from './frame-axes.ts'

/** Cells across and upwards, where requests are more than a screen has dots for. */
const CELLS = [800, 240]

/** Each request as a point: when it was sent, and what it got. */
export const overTime: Figure = {
  title: ({ title }) => `${title} over time`,
  caption: 'Each point is a successful request, at the moment it was sent.',
  perMetric: true,
  height: () => 300,
  frames: ({ metric: { name, divisor }, dense }) => ({
    samples: dense
      ? `select run_id, request_id, sent_s, value / ${divisor} as value, n from over_time_cells('${name}', ${CELLS.join(', ')})`
      : `select run_id, request_id, sent_s, value / ${divisor} as value from over_time('${name}')`,
  }),
  option({ samples }, context) {
    const { metric } = context
    const runs = shownRuns(context)
    // Where cells of many requests are drawn, each says how many it stands for.
    const each = samples!.columns['n']
    const n =
      each instanceof Float64Array
        ? each.reduce((sum, value) => sum + value, 0)
        : nShown(samples!, context)
    const title = `${metric.title} over time, n = ${counted(n)} requests`
    return {
      ...plain(context, title, runs.length > 1),
      ...zoomable(context),
      xAxis: axis(context, 'sent, s since the first send', { min: fromStart }),
      yAxis: upright(context, `${metric.title} (${metric.shown})`, { min: 0 }),
      series: runs.map(({ label, place, color }) => {
        const frame = ofRun(samples!, place)
        const [sent, value, id] = [
          numbers(frame, 'sent_s'),
          numbers(frame, 'value'),
          numbers(frame, 'request_id'),
        ]
        const data = new Float64Array(3 * frame.n)
        for (let row = 0; row < frame.n; row++) {
          data[3 * row] = sent[row]!
          data[3 * row + 1] = value[row]!
          data[3 * row + 2] = id[row]!
        }
        return {
          type: 'scatter',
          name: label,
          dimensions: ['sent', 'value', 'request'],
          data,
          large: frame.n > 5000,
          largeThreshold: 5000,
          progressive: 0,
          symbolSize: frame.n > 5000 ? 2 : 4,
          itemStyle: { color, opacity: frame.n > 5000 ? 0.5 : 0.8 },
          tooltip: {
            formatter: ({ data: at }: { data: ArrayLike<number> }) =>
              `request ${at[2]}\nsent at ${short(at[0])} s\n${short(at[1])} ${metric.shown}`,
          },
        }
      }),
    }
  },
}
