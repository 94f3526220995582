import type { Figure } from './figure.ts'
import { numbers, ofRun } from './frame.ts'
import { overSeconds, plain, short, shownRuns } from './frame-axes.ts'

/** Requests in flight, and those of them that still wait for their first token. */
export const concurrency: Figure = {
  title: () => 'Requests in flight over time',
  caption:
    'Solid: requests in flight. Dashed: those still waiting for their first token. Where the dashed line climbs, requests queue.',
  perMetric: false,
  height: () => 260,
  frames: ({ widthNs }) => ({
    slices: `select run_id, from_s, in_flight, before_first_token from concurrency(${widthNs})`,
    counts: 'select run_id, n_sent from served',
  }),
  option({ slices, counts }, context) {
    const runs = shownRuns(context)
    let n = 0
    const series = runs.flatMap(({ label, place, color }) => {
      const frame = ofRun(slices!, place)
      const [sent] = numbers(ofRun(counts!, place), 'n_sent')
      n += sent ?? 0
      const from = numbers(frame, 'from_s')
      return (
        [
          ['in flight', 'in_flight', 'solid'],
          ['before first token', 'before_first_token', 'dashed'],
        ] as const
      ).map(([words, column, type]) => {
        const values = numbers(frame, column)
        return {
          type: 'line',
          name: runs.length > 1 ? `${label}: ${words}` : words,
          step: 'end',
          showSymbol: false,
          lineStyle: { color, width: 1.5, type },
          itemStyle: { color },
          data: Array.from(from, (at, row) => [at, values[row]!]),
          tooltip: { valueFormatter: short },
        }
      })
    })
    const plot = plain(context, `Requests in flight over time, n = ${short(n)} requests`, true)
    return { ...plot, ...overSeconds(context, plot, 'requests'), series }
  },
}
