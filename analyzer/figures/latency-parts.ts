import type { Figure } from './figure.ts'
import { numbers, texts } from './frame.ts'
import { axis, counted, NARROW, plain, short, shownRuns } from './frame-axes.ts'

/** The parts of a request's way, in words. */
export const PARTS: Record<string, string> = {
  before_sending: 'schedule to send',
  to_headers: 'send to response headers',
  to_first_token: 'headers to first token',
  generating: 'first to last token',
  closing: 'last token to end',
}

/** Where the time of a request went, on average. */
export const latencyParts: Figure = {
  title: () => 'Where the time went',
  caption:
    'The mean time of each part of a successful request, one after the other: of all of them, and of the slowest 5 %.',
  perMetric: false,
  height: context => 160 + 76 * shownRuns(context).length,
  frames: () => ({
    parts: 'select run_id, population, n, part, mean_ms, share from latency_parts',
  }),
  option({ parts }, context) {
    const runs = shownRuns(context)
    const bars = runs.flatMap(({ label, place }) =>
      ['all', 'slowest 5 %'].map(population => ({ label, place, population })),
    )
    const [run, mean, share, n] = ['run', 'mean_ms', 'share', 'n'].map(name =>
      numbers(parts!, name),
    )
    const [population, part] = [texts(parts!, 'population'), texts(parts!, 'part')]
    const rowOf = (bar: (typeof bars)[number], name: string): number =>
      part.findIndex(
        (other, row) =>
          other === name && run![row] === bar.place && population[row] === bar.population,
      )
    const present = Object.keys(PARTS).filter(name => part.includes(name))
    const total = runs.reduce((sum, { place }) => {
      const row = population.findIndex((name, at) => name === 'all' && run![at] === place)
      return sum + (n![row] ?? 0)
    }, 0)
    const nameOf = (i: number): string =>
      `${runs.length > 1 ? `${bars[i]!.label}: ` : ''}${bars[i]!.population}`
    const plot = plain(context, `Where the time went, n = ${counted(total)} requests`, true)
    return {
      ...plot,
      grid: { left: runs.length > 1 ? 130 : 94, right: 24, top: 84, bottom: 50 },
      legend: {
        ...(plot['legend'] as object),
        type: context.width < NARROW ? 'scroll' : 'plain',
        itemGap: 14,
      },
      xAxis: axis(context, 'mean time (ms)'),
      yAxis: {
        type: 'category',
        inverse: true,
        data: bars.map((_, i) => nameOf(i)),
        axisLabel: { color: context.theme.text, width: 110, overflow: 'truncate' },
        axisLine: { lineStyle: { color: context.theme.line } },
        axisTick: { show: false },
      },
      series: present.map((name, i) => ({
        type: 'bar',
        name: PARTS[name],
        stack: 'time',
        barMaxWidth: 34,
        itemStyle: { color: context.theme.series[i % context.theme.series.length] },
        data: bars.map(bar => mean![rowOf(bar, name)] ?? 0),
        label: { show: false },
        tooltip: {
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const row = rowOf(bars[dataIndex]!, name)
            return `${PARTS[name]}\n${short(mean![row])} ms, ${short(100 * share![row]!)} %\nmean of ${counted(n![row]!)} requests`
          },
        },
      })),
    }
  },
}
