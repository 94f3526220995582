import { binsOf, type Figure } from './figure.ts'
import { numbers, ofRun } from './frame.ts'
import { aroundValues, axis, counted, plain, short, shownRuns, upright } from './frame-axes.ts'

const BINS = 60

/** How often which values came. */
export const histogram: Figure = {
  title: ({ title }) => `${title}: histogram`,
  caption: 'How many samples fell into each bin. The last bar holds all that is greater.',
  perMetric: true,
  height: () => 280,
  frames: ({ metric, binned }) => ({
    bins: `select run_id, from_value / ${metric.divisor} as from_value, to_value / ${metric.divisor} as to_value, n
           from ${binned ? `binned_histogram('${binsOf(metric)}'` : `histogram('${metric.name}'`}, ${BINS})`,
  }),
  option({ bins }, context) {
    const { metric } = context
    const runs = shownRuns(context)
    let n = 0
    const series = runs.map(({ label, place, color }) => {
      const frame = ofRun(bins!, place)
      const [from, to, count] = ['from_value', 'to_value', 'n'].map(name => numbers(frame, name))
      for (const value of count!) n += value
      const width = frame.n > 0 ? to![0]! - from![0]! : 0
      return {
        type: 'custom',
        name: label,
        itemStyle: { color },
        encode: { x: [0, 1], y: 2 },
        data: Array.from(count!, (value, row) => {
          const high = Number.isNaN(to![row]!) ? from![row]! + width : to![row]!
          return [from![row]!, high, value, Number.isNaN(to![row]!) ? 1 : 0]
        }),
        renderItem: (
          _params: unknown,
          api: {
            value(i: number): number
            coord(at: number[]): number[]
          },
        ) => {
          const [left, top] = api.coord([api.value(0), api.value(2)])
          const [right, bottom] = api.coord([api.value(1), 0])
          return {
            type: 'rect',
            shape: {
              x: left!,
              y: top!,
              width: Math.max(1, right! - left! - 1),
              height: bottom! - top!,
            },
            style: { fill: color, opacity: runs.length > 1 ? 0.55 : 0.9 },
          }
        },
        tooltip: {
          formatter: ({ data }: { data: number[] }) =>
            `${data[3] ? `above ${short(data[0])}` : `${short(data[0])} to ${short(data[1])}`} ${metric.shown}\n${counted(data[2]!)} samples`,
        },
      }
    })
    return {
      ...plain(context, `${metric.title}, n = ${counted(n)}`, runs.length > 1),
      xAxis: axis(context, `${metric.title} (${metric.shown})`, aroundValues),
      yAxis: upright(context, 'samples'),
      series,
    }
  },
}
