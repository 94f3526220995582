import { ecdf } from './ecdf.ts'
import type { Figure } from './figure.ts'
import { numbers, ofRun } from './frame.ts'
import { axis, counted, plain, short, shownRuns, upright } from './frame-axes.ts'

/** `p99.9` for a place of 1,000 on the axis. */
const percentileAt = (oneIn: number): string => `p${Number((100 * (1 - 1 / oneIn)).toPrecision(8))}`

/** The tail at full size: values by how rare they are. */
export const percentileSpectrum: Figure = {
  title: ({ title }) => `${title}: percentile spectrum`,
  caption:
    'Each step to the right is ten times rarer: p0, p90, p99, p99.9. A steep end is a tail that an average hides. Drawn as far as there are samples.',
  perMetric: true,
  height: () => 280,
  frames: ecdf.frames,
  option({ quantiles }, context) {
    const { metric } = context
    const runs = shownRuns(context)
    let n = 0
    const series = runs.map(({ label, place, color }) => {
      const frame = ofRun(quantiles!, place)
      const [quantile, value] = [numbers(frame, 'quantile'), numbers(frame, 'value')]
      const own = frame.n > 0 ? numbers(frame, 'n')[0]! : 0
      n += own
      // Beyond one in n there is no sample, only interpolation.
      const data = Array.from(quantile, (q, row) => [1 / (1 - q), value[row]!]).filter(
        ([oneIn]) => oneIn! <= own,
      )
      return {
        type: 'line',
        name: label,
        showSymbol: false,
        lineStyle: { color, width: 2 },
        itemStyle: { color },
        data,
        tooltip: { valueFormatter: (ms: unknown) => `${short(ms)} ${metric.shown}` },
      }
    })
    const plot = plain(context, `${metric.title}, n = ${counted(n)}`, runs.length > 1)
    return {
      ...plot,
      tooltip: {
        ...(plot['tooltip'] as object),
        trigger: 'axis',
        axisPointer: {
          label: { formatter: ({ value }: { value: number }) => percentileAt(value) },
        },
      },
      xAxis: axis(context, 'percentile (logarithmic in rarity)', {
        type: 'log',
        min: 1,
        axisLabel: { color: context.theme.faint, formatter: percentileAt },
      }),
      yAxis: upright(context, `${metric.title} (${metric.shown})`, { min: 0 }),
      series,
    }
  },
}
