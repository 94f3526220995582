import { percentileName } from './formats/number.ts'
import type { Answer, Cell, Table } from './formats/tables.ts'
import { shortName } from './metric-named.ts'
import type { Summary } from './report.ts'
import type { Slice } from './slices.ts'

/** What a narrow table shows of a slice unless metrics were named. */
const NARROW = ['time_to_first_token', 'inter_token_latency', 'request_latency']

/** Slices as tables, as AIPerf's tidy CSV and as a value. */
export function slicesTables(
  slices: Slice[],
  { columns, chosen }: { columns: number[]; chosen: boolean },
): Answer {
  const runs = [...new Set(slices.map(({ runId }) => runId))]
  return {
    tables: runs.map(runId =>
      tableOf(
        slices.filter(slice => slice.runId === runId),
        columns,
        chosen,
        runId,
      ),
    ),
    csv: tidy(slices, runs.length > 1),
    json: {
      timeslices: slices.map(slice => jsonOf(slice, runs.length > 1)),
    },
  }
}

function tableOf(slices: Slice[], columns: number[], chosen: boolean, runId: string): Table {
  const names = new Map<string, Summary['metric']>()
  for (const { metrics } of slices)
    for (const { metric } of metrics)
      if (chosen || NARROW.includes(metric.name)) names.set(metric.name, metric)
  const tiers = [...new Set(slices.flatMap(({ good }) => good.map(({ tier }) => tier)))]
  const zero = slices[0]!.fromNs
  const partial = slices.some(({ complete }) => !complete)
  return {
    title: `${runId}: slices of ${(slices[0]!.toNs - zero) / 1e9} s from the first send`,
    columns: [
      ...['slice', 'from (s)', 'started', 'ended', 'failed', 'tokens', 'tokens/s', 'requests/s'],
      ...[...names.values()].flatMap(metric => [
        `${shortName(metric) ?? metric.name} avg (${metric.shown})`,
        ...columns.map(percentileName),
      ]),
      ...tiers.map(tier => `good: ${tier}`),
    ],
    rows: slices.map(slice => [
      `${slice.index}${slice.complete ? '' : '*'}`,
      (slice.fromNs - zero) / 1e9,
      slice.nStarted,
      slice.nSucceeded,
      slice.nFailed,
      slice.nTokens,
      slice.outputTokenThroughput,
      slice.requestThroughput,
      ...[...names.keys()].flatMap((name): Cell[] => {
        const summary = slice.metrics.find(({ metric }) => metric.name === name)
        return summary
          ? [summary.avg, ...columns.map(percent => summary.percentiles.get(percent)!)]
          : [null, ...columns.map(() => null)]
      }),
      ...tiers.map(tier => {
        const found = slice.good.find(good => good.tier === tier)
        return found ? `${found.nGood} of ${found.nSent}` : null
      }),
    ]),
    notes: [
      'tokens are counted in the slice in which they arrived, requests by when they ended; latencies are of the requests sent in it',
      ...(partial ? ['* the run fills only a part of it: rates are over that part'] : []),
    ],
  }
}

/** The single values of a slice, under AIPerf's names where it has them. */
const singles = (
  slice: Slice,
): [tag: string, title: string, unit: string, value: number | null][] => [
  ['started_request_count', 'Started Request Count', 'requests', slice.nStarted],
  ['request_count', 'Request Count', 'requests', slice.nSucceeded],
  ['error_request_count', 'Error Request Count', 'requests', slice.nFailed],
  ['total_osl', 'Total Output Sequence Length', 'tokens', slice.nTokens],
  ['output_token_throughput', 'Output Token Throughput', 'tokens/sec', slice.outputTokenThroughput],
  ['request_throughput', 'Request Throughput', 'requests/sec', slice.requestThroughput],
]

const statistics = ({ avg, min, max, std, n, sum, percentiles }: Summary): [string, number][] => [
  ['avg', avg],
  ['min', min],
  ['max', max],
  ...[...percentiles].map(([percent, value]): [string, number] => [percentileName(percent), value]),
  ['std', std],
  ['count', n],
  ['sum', sum],
]

/** AIPerf's columns; several runs add their own. */
function tidy(slices: Slice[], several: boolean): Table {
  const rows: Cell[][] = []
  for (const slice of slices) {
    const run = several ? [slice.runId] : []
    for (const [, title, unit, value] of singles(slice))
      if (value !== null) rows.push([...run, slice.index, title, unit, 'avg', value])
    for (const summary of slice.metrics)
      for (const [stat, value] of statistics(summary))
        rows.push([...run, slice.index, summary.metric.title, summary.metric.shown, stat, value])
    for (const { tier, nGood } of slice.good)
      rows.push([...run, slice.index, `Good Request Count (${tier})`, 'requests', 'avg', nGood])
  }
  return {
    columns: [...(several ? ['Run'] : []), 'Timeslice', 'Metric', 'Unit', 'Stat', 'Value'],
    rows,
  }
}

const jsonOf = (slice: Slice, several: boolean): object => ({
  ...(several ? { run_id: slice.runId } : {}),
  timeslice_index: slice.index,
  start_ns: slice.fromNs,
  end_ns: slice.toNs,
  is_complete: slice.complete,
  filled_ns: slice.filledNs,
  ...Object.fromEntries(
    singles(slice)
      .filter(([, , , value]) => value !== null)
      .map(([tag, , unit, avg]) => [tag, { unit, avg }]),
  ),
  ...Object.fromEntries(
    slice.metrics.map(summary => [
      summary.metric.name,
      { unit: summary.metric.shown, ...Object.fromEntries(statistics(summary)) },
    ]),
  ),
  ...(slice.good.length > 0
    ? { good_request_count: Object.fromEntries(slice.good.map(({ tier, nGood }) => [tier, nGood])) }
    : {}),
})
