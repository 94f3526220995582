import type { Figure } from './figure.ts'
import { numbers, ofRun } from './frame.ts'
import { counted, overSeconds, plain, short, shownRuns } from './frame-axes.ts'

/** Output tokens per second, in the slices in which they arrived. */
export const throughput: Figure = {
  title: () => 'Output token throughput over time',
  caption:
    'Tokens count in the slice of time in which they arrived. A flat line is a steady state; the ends are ramp and drain.',
  perMetric: false,
  height: () => 260,
  frames: ({ widthNs }) => ({
    slices: `select slices.run_id as run_id, (from_ns - zero_ns) / 1e9 as from_s, output_token_throughput, request_throughput, n_tokens
             from slices(${widthNs}) as slices join run_starts using (run_id) order by 1, 2`,
  }),
  option({ slices }, context) {
    const runs = shownRuns(context)
    let nTokens = 0
    const series = runs.map(({ label, place, color }) => {
      const frame = ofRun(slices!, place)
      const [from, rate] = [numbers(frame, 'from_s'), numbers(frame, 'output_token_throughput')]
      for (const tokens of numbers(frame, 'n_tokens')) nTokens += tokens
      return {
        type: 'line',
        name: label,
        step: 'end',
        showSymbol: false,
        lineStyle: { color, width: 1.5 },
        itemStyle: { color },
        data: Array.from(from, (at, row) => [at, rate[row]!]),
        tooltip: { valueFormatter: (value: unknown) => `${short(value)} tokens/s` },
      }
    })
    const title = `Output token throughput over time, n = ${counted(Math.round(nTokens))} tokens`
    const plot = plain(context, title, runs.length > 1)
    return { ...plot, ...overSeconds(context, plot, 'tokens/s'), series }
  },
}
