import { binsOf, type Figure } from './figure.ts'
import { numbers, ofRun } from './frame.ts'
import { aroundValues, axis, counted, plain, short, shownRuns, upright } from './frame-axes.ts'
import { quantileList } from './quantiles.ts'

/** Which share of the samples was at most so much. */
export const ecdf: Figure = {
  title: ({ title }) => `${title}: ECDF`,
  caption: 'The share of samples at or below each value: the further left, the better.',
  perMetric: true,
  height: () => 280,
  frames: ({ metric, binned }) => ({
    quantiles: `select run_id, n, quantile, value / ${metric.divisor} as value
                from ${binned ? `binned_distribution('${binsOf(metric)}'` : `distribution('${metric.name}'`}, ${quantileList}) order by run_id, quantile`,
  }),
  option({ quantiles }, context) {
    const { metric } = context
    const runs = shownRuns(context)
    let n = 0
    const series = runs.map(({ label, place, color }) => {
      const frame = ofRun(quantiles!, place)
      const [quantile, value] = [numbers(frame, 'quantile'), numbers(frame, 'value')]
      n += frame.n > 0 ? numbers(frame, 'n')[0]! : 0
      return {
        type: 'line',
        name: label,
        showSymbol: false,
        lineStyle: { color, width: 2 },
        itemStyle: { color },
        data: Array.from(quantile, (q, row) => [value[row]!, 100 * q]),
        tooltip: { valueFormatter: (share: unknown) => `${short(share)} %` },
      }
    })
    const plot = plain(context, `${metric.title}, n = ${counted(n)}`, runs.length > 1)
    return {
      ...plot,
      tooltip: {
        ...(plot['tooltip'] as object),
        trigger: 'axis',
        axisPointer: { label: { formatter: short } },
      },
      xAxis: axis(context, `${metric.title} (${metric.shown})`, aroundValues),
      yAxis: upright(context, 'share at or below (%)', { min: 0, max: 100 }),
      series,
    }
  },
}
