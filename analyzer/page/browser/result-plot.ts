import type { Figure } from '../../figures/figure.ts'
import { axis, counted, plain, upright } from '../../figures/frame-axes.ts'

/** A result of the console as lines: its first column of numbers across, every other upwards. */
export const resultPlot: Figure = {
  title: () => 'Result',
  caption: '',
  perMetric: false,
  height: () => 300,
  frames: () => ({}),
  option({ rows }, context) {
    const columns = Object.entries(rows!.columns).filter(
      (entry): entry is [string, Float64Array] =>
        entry[1] instanceof Float64Array && entry[0] !== 'run',
    )
    const [[across, x] = ['row', Float64Array.from({ length: rows!.n }, (_, i) => i)], ...others] =
      columns
    return {
      ...plain(context, `Result, n = ${counted(rows!.n)} rows`, true),
      xAxis: axis(context, across, { scale: true }),
      yAxis: upright(context, others.map(([name]) => name).join(', '), { scale: true }),
      series: others.map(([name, y], i) => ({
        type: 'line',
        name,
        symbolSize: 4,
        showSymbol: rows!.n < 200,
        itemStyle: { color: context.theme.series[i % context.theme.series.length] },
        lineStyle: { color: context.theme.series[i % context.theme.series.length] },
        data: Array.from(y, (value, row) => [x[row]!, value]),
      })),
    }
  },
}
