import type { Figure } from './figure.ts'
import { numbers } from './frame.ts'
import { axis, plain, short, shownRuns, upright } from './frame-axes.ts'

/** Runs against each other: what the system served, and what one user saw of it. */
export const pareto: Figure = {
  title: () => 'Throughput against interactivity',
  caption:
    'Each point is a run. Up is more tokens from each GPU (one, unless --gpus says how many), right is more for each user: a run is beaten by those above and to the right of it; the dashed line joins those that are not.',
  perMetric: false,
  height: () => 340,
  prepare: [
    `create or replace temp table _figure_settings as
     select run_id, run_id as setting, row_number() over () as place from raw_runs`,
  ],
  frames: ({ gpus }) => ({
    points: `select setting as run_id, tokens_per_second_per_gpu, tokens_per_user, concurrency, on_frontier::int as on_frontier
             from pareto('_figure_settings', ${gpus}::double)`,
  }),
  option({ points }, context) {
    const [run, whole, user, concurrency, onFrontier] = [
      'run',
      'tokens_per_second_per_gpu',
      'tokens_per_user',
      'concurrency',
      'on_frontier',
    ].map(name => numbers(points!, name))
    const runs = shownRuns(context)
    const frontier = Array.from(run!, (place, row) => ({ place, row }))
      .filter(({ place, row }) => onFrontier![row] === 1 && context.runs[place]!.shown)
      .map(({ row }) => [user![row]!, whole![row]!])
      .sort(([a], [b]) => a! - b!)
    return {
      ...plain(context, `Throughput against interactivity, n = ${runs.length} runs`, true),
      grid: { left: 84, right: 40, top: 66, bottom: 50 },
      xAxis: axis(context, 'output tokens/s of a user, mean of requests', { scale: true }),
      yAxis: upright(context, 'output tokens/s for each GPU', { scale: true, nameGap: 62 }),
      series: [
        {
          type: 'line',
          name: 'not beaten',
          showSymbol: false,
          silent: true,
          lineStyle: { color: context.theme.faint, width: 1, type: 'dashed' },
          itemStyle: { color: context.theme.faint },
          data: frontier,
        },
        ...runs.map(({ label, place, color }) => {
          const row = run!.indexOf(place)
          return {
            type: 'scatter',
            name: label,
            symbolSize: 14,
            itemStyle: { color },
            data: [[user![row]!, whole![row]!]],
            label: {
              show: true,
              position: 'right',
              color: context.theme.faint,
              formatter: () => `${short(concurrency![row])} in flight`,
            },
            tooltip: {
              formatter: () =>
                `${label}\n${short(whole![row])} tokens/s for each GPU\n${short(user![row])} tokens/s for a user\n${short(concurrency![row])} requests in flight`,
            },
          }
        }),
      ],
    }
  },
}
