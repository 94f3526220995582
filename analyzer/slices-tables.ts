import { percentileName } from './formats/number.ts'
import { type Answer, type Cell, shown, type Table } from './formats/tables.ts'
import { shortName } from './metric-named.ts'
import { tooFew } from './report.ts'
import type { Slice, SliceSummary } from './slices.ts'
import type { RunTrend } from './trends.ts'
import { trendJson, trendNotes, trendTable } from './trends-tables.ts'
import { type Window, windowJson } from './window.ts'

/** What a narrow table shows of a slice unless metrics were named. */
const NARROW = ['time_to_first_token', 'inter_token_latency', 'request_latency']

/** Slices as tables, as AIPerf's tidy CSV and as a value; and what changes over them. */
export function slicesTables(
  slices: Slice[],
  {
    columns,
    chosen,
    trends,
    windows,
  }: { columns: number[]; chosen: boolean; trends: RunTrend[]; windows: Window[] },
): Answer {
  const runs = [...new Set(slices.map(({ runId }) => runId))]
  return {
    tables: runs.flatMap(runId => [
      tableOf(
        slices.filter(slice => slice.runId === runId),
        columns,
        chosen,
        trends.find(trend => trend.runId === runId),
      ),
      ...trends.filter(trend => trend.runId === runId && trend.findings.length > 0).map(trendTable),
    ]),
    csv: tidy(slices, runs.length > 1),
    json: {
      ...(windows.length > 0 ? { windows: windows.map(windowJson) } : {}),
      timeslices: slices.map(slice => jsonOf(slice, runs.length > 1)),
      trends: trends.map(trendJson),
    },
  }
}

/** Statistics of requests by their end, where that was asked for, have its name. */
const byWords = ({ by }: { by: string }): string => (by === 'end' ? ' (by end)' : '')
const keyOf = (summary: SliceSummary): string => `${summary.metric.name}${byWords(summary)}`

function tableOf(
  slices: Slice[],
  columns: number[],
  chosen: boolean,
  trend: RunTrend | undefined,
): Table {
  const names = new Map<string, SliceSummary>()
  for (const { metrics } of slices)
    for (const summary of metrics)
      if (chosen || NARROW.includes(summary.metric.name)) names.set(keyOf(summary), summary)
  const tierOf = (good: Slice['good'][number]): string => `${good.tier}${byWords(good)}`
  const tiers = [...new Set(slices.flatMap(({ good }) => good.map(tierOf)))]
  const [{ runId, fromNs, toNs, index }] = slices as [Slice]
  const widthNs = toNs - fromNs
  const zero = fromNs - index * widthNs
  const few = slices.some(({ metrics }) =>
    metrics.some(
      summary => names.has(keyOf(summary)) && columns.some(percent => tooFew(summary.n, percent)),
    ),
  )
  const partial = slices.some(({ complete }) => !complete)
  return {
    title: `${runId}: slices of ${widthNs / 1e9} s from the first send`,
    columns: [
      ...['slice', 'from (s)', 'started', 'ended', 'failed', 'tokens', 'tokens/s', 'requests/s'],
      'concurrency',
      ...[...names.values()].flatMap(({ metric, by }) => [
        `${shortName(metric) ?? metric.name}${byWords({ by })} avg (${metric.shown})`,
        ...columns.map(percentileName),
        'n',
      ]),
      ...tiers.map(tier => `good: ${tier}`),
    ],
    rows: slices.map(slice => [
      `${slice.index}${slice.complete ? '' : ' (part)'}`,
      (slice.fromNs - zero) / 1e9,
      slice.nStarted,
      slice.nSucceeded,
      slice.nFailed,
      slice.nTokens,
      slice.outputTokenThroughput,
      slice.requestThroughput,
      slice.load.concurrency,
      ...[...names.keys()].flatMap((name): Cell[] => {
        const summary = slice.metrics.find(found => keyOf(found) === name)
        return summary
          ? [summary.avg, ...columns.map(percent => marked(summary, percent)), summary.n]
          : [null, ...columns.map(() => null), 0]
      }),
      ...tiers.map(tier => {
        const found = slice.good.find(good => tierOf(good) === tier)
        return found ? `${found.nGood} of ${found.nSent}` : null
      }),
    ]),
    notes: [
      `tokens are counted in the slice in which they arrived, requests/s by when they ended; latencies are of the requests ${latenciesOf([...names.values()])}`,
      ...(partial ? ['(part): the run fills only a part of it: rates are over that part'] : []),
      ...(few
        ? ['* fewer samples than it needs (p50 11, p99 662): do not read it as a percentile']
        : []),
      ...(trend && trend.findings.length === 0 ? trendNotes(trend) : []),
    ],
  }
}

/** A percentile, marked where it rests on too few samples. */
const marked = (summary: SliceSummary, percent: number): Cell => {
  const value = summary.percentiles.get(percent)!
  return tooFew(summary.n, percent) ? `${shown(value)}*` : value
}

function latenciesOf(summaries: SliceSummary[]): string {
  const ends = new Set(summaries.map(({ by }) => by))
  if (ends.has('start') && ends.has('end'))
    return 'sent in it, and (by end) of those that ended in it'
  return ends.has('end') ? 'that ended in it' : 'sent in it'
}

/** The single values of a slice, under AIPerf's names where it has them; not those that it has percentiles of. */
const singles = (slice: Slice): Single[] =>
  all(slice).filter(([tag]) => !slice.metrics.some(({ metric }) => metric.name === tag))

type Single = [tag: string, title: string, unit: string, value: number | null]

const all = (slice: Slice): Single[] => [
  ['started_request_count', 'Started Request Count', 'requests', slice.nStarted],
  ['request_count', 'Request Count', 'requests', slice.nSucceeded],
  ['error_request_count', 'Error Request Count', 'requests', slice.nFailed],
  ['total_osl', 'Total Output Sequence Length', 'tokens', slice.nTokens],
  ['output_token_throughput', 'Output Token Throughput', 'tokens/sec', slice.outputTokenThroughput],
  ['request_throughput', 'Request Throughput', 'requests/sec', slice.requestThroughput],
  ['effective_concurrency', 'Effective Concurrency', 'requests', slice.load.concurrency],
  [
    'effective_prefill_concurrency',
    'Effective Prefill Concurrency',
    'requests',
    slice.load.prefillConcurrency,
  ],
  [
    'effective_decode_concurrency',
    'Effective Decode Concurrency',
    'requests',
    slice.load.decodeConcurrency,
  ],
  ['tokens_in_flight', 'Tokens in Flight', 'tokens', slice.load.tokensInFlight],
  [
    'effective_prefill_throughput',
    'Effective Prefill Throughput',
    'tokens/sec',
    slice.load.prefillThroughput,
  ],
]

const statistics = ({
  avg,
  min,
  max,
  std,
  n,
  sum,
  percentiles,
}: SliceSummary): [string, number][] => [
  ['avg', avg],
  ['min', min],
  ['max', max],
  ...[...percentiles].map(([percent, value]): [string, number] => [percentileName(percent), value]),
  ['std', std],
  ['count', n],
  ...(Number.isNaN(sum) ? [] : [['sum', sum] as [string, number]]),
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
        rows.push([
          ...[...run, slice.index, `${summary.metric.title}${byWords(summary)}`],
          ...[summary.metric.shown, stat, value],
        ])
    for (const good of slice.good)
      rows.push([
        ...[...run, slice.index, `Good Request Count (${good.tier})${byWords(good)}`],
        ...['requests', 'avg', good.nGood],
      ])
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
      `${summary.metric.name}${summary.by === 'end' ? '_by_end' : ''}`,
      { unit: summary.metric.shown, ...Object.fromEntries(statistics(summary)) },
    ]),
  ),
  ...(slice.good.length > 0
    ? {
        good_request_count: Object.fromEntries(
          slice.good.map(good => [`${good.tier}${byWords(good)}`, good.nGood]),
        ),
      }
    : {}),
})
