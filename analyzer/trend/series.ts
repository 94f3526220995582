import type { Metric } from '../models.ts'
import type { Tapes } from '../open-tapes.ts'
import { quoted } from '../quoted.ts'
import { divisorOf } from '../report.ts'

/** Batches of a series: more would only be noisier. */
const MOST_VALUES = 120
export const LATENCIES = ['time_to_first_token', 'inter_token_latency', 'request_latency']

/** A series of a run: values in order of time, and the instants where each begins and ends. */
export type Series = {
  name: string
  unit: string
  better: Metric['better']
  values: number[]
  edges: [fromNs: number, toNs: number][]
}

/** What is known of a run before its series are. */
export type Fact = {
  runId: string
  firstNs: number
  lastNs: number
  answeredNs: number | undefined
  latencyNs: number | undefined
  nSent: number
  /** Requests under way at once, on average. */
  together: number
}

/** Its latencies, in batches in the order of sending. */
export async function byRequests(tapes: Tapes, { runId, together }: Fact): Promise<Series[]> {
  const found: Series[] = []
  for (const name of LATENCIES) {
    const metric = tapes.metrics.find(known => known.name === name)!
    const rows = await tapes.query(
      `from batches('${name}', ${MOST_VALUES}, ${together}) where run_id = ${quoted(runId)}`,
    )
    found.push({
      name,
      unit: metric.shown,
      better: metric.better,
      values: rows.map(row => Number(row['value']) / divisorOf(metric)),
      edges: rows.map(row => [Number(row['from_ns']), Number(row['to_ns']) + 1]),
    })
  }
  return found
}

/**
 * Its throughput and concurrency, in bins no shorter than a request, since shorter ones show the waves in which a closed
 * loop sends, nor than five sends; from when the first answer was whole, since until then a load fills the server,
 * however steady it is.
 */
export async function byTime(
  tapes: Tapes,
  { runId, firstNs, lastNs, answeredNs, latencyNs, nSent }: Fact,
): Promise<Series[]> {
  const length = lastNs - firstNs
  const width = Math.max(
    1,
    Math.ceil(Math.max(length / MOST_VALUES, latencyNs ?? length, (5 * length) / nSent)),
  )
  const firstBin = Math.ceil(((answeredNs ?? lastNs) - firstNs) / width)
  const bins = Math.floor(length / width)
  const rows =
    bins <= firstBin
      ? []
      : await tapes.query(`
          select slice, output_token_throughput, coalesce(concurrency, 0) as concurrency
          from slices(${width}) left join slice_load(${width}) using (run_id, slice)
          where run_id = ${quoted(runId)} and slice >= ${firstBin} and slice < ${bins}
          order by slice`)
  const edges = rows.map((_, i): [number, number] => [
    firstNs + (firstBin + i) * width,
    firstNs + (firstBin + i + 1) * width,
  ])
  const series = (
    name: string,
    unit: string,
    better: Metric['better'],
    column: string,
  ): Series => ({
    ...{ name, unit, better, edges },
    values: rows.map(row => Number(row[column])),
  })
  return [
    series('output_token_throughput', 'tokens/sec', 'higher', 'output_token_throughput'),
    series('concurrency', 'requests', 'neither', 'concurrency'),
  ]
}
