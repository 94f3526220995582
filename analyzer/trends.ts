import type { Tapes } from './open-tapes.ts'
import { byRequests, byTime, type Fact, LATENCIES, type Series } from './trend/series.ts'
import { ENOUGH_VALUES, type Finding, LEAST_VALUES, type Trend, trendOf } from './trend/trend.ts'

/** A finding in one series of a run, with instants. */
export type NamedFinding = Finding & {
  /** The series: a metric's name, or `concurrency`. */
  name: string
  unit: string
  /** Whether it is for the worse; undefined where neither direction is good. */
  worse: boolean | undefined
  fromNs: number
  toNs: number
}

/** What a run does over its time. */
export type RunTrend = {
  runId: string
  /** First and last send, ns since the run's zero. */
  firstNs: number
  lastNs: number
  findings: NamedFinding[]
  /** Names of the series that were looked at. */
  looked: string[]
  /** Those that were not, or not for everything, and why. */
  left: { name: string; why: string }[]
  /** The longest time in which all of them keep their level, half open; or why there is none. */
  steady: { fromNs: number; toNs: number } | { why: string }
}

/** The probability of finding something in a run that is nothing but noise, over all its series together. */
const FALSE_ALARMS = 0.02
/** A steady window below this share of the time in which the load ran is none. */
const LEAST_STEADY = 0.2

/**
 * Looks for trends in the latencies of each run, in the order of sending, and in its throughput and concurrency.
 *
 * @throws nothing of its own: a run that is too short has its series in `left`
 */
export async function trendsOf(tapes: Tapes): Promise<RunTrend[]> {
  const facts = await tapes.query(`
    select
      run_id,
      count(*) as n_sent,
      min(requests.sent_ns) as first_ns,
      max(requests.sent_ns) as last_ns,
      min(requests.end_ns) as answered_ns,
      median(last_content_ns - sent_ns) filter (outcome = 'ok') as latency_ns,
      any_value(load.avg) as concurrency
    from requests
    left join time_weighted('effective_concurrency') as load using (run_id)
    where phase = 'profiling' and sent_ns is not null
    group by run_id`)
  const trends: RunTrend[] = []
  for (const { manifest } of tapes.runs) {
    const row = facts.find(({ run_id }) => run_id === manifest.run_id)
    if (!row) continue
    const fact = {
      runId: manifest.run_id,
      firstNs: Number(row['first_ns']),
      lastNs: Number(row['last_ns']),
      answeredNs: row['answered_ns'] === null ? undefined : Number(row['answered_ns']),
      latencyNs: row['latency_ns'] === null ? undefined : Number(row['latency_ns']),
      nSent: Number(row['n_sent']),
      together: Math.max(1, Math.round(Number(row['concurrency'] ?? 1))),
    }
    trends.push(
      trendFrom(fact, [...(await byRequests(tapes, fact)), ...(await byTime(tapes, fact))]),
    )
  }
  return trends
}

function trendFrom(fact: Fact, all: Series[]): RunTrend {
  const { runId, firstNs, lastNs } = fact
  const looked = all.filter(({ values }) => values.length >= LEAST_VALUES)
  const trends = looked.map((series): [Series, Trend] => [
    series,
    trendOf(series.values, series.better, FALSE_ALARMS / looked.length),
  ])
  return {
    ...{ runId, firstNs, lastNs },
    findings: trends.flatMap(([series, { findings }]) =>
      findings.map(finding => namedFinding(finding, series)),
    ),
    looked: looked.map(({ name }) => name),
    left: all
      .filter(({ values }) => values.length < ENOUGH_VALUES)
      .map(series => leftOut(series, fact)),
    steady: steadyOf(fact, trends),
  }
}

function leftOut({ name, values }: Series, { together }: Fact): { name: string; why: string } {
  const n = values.length
  const parts = LATENCIES.includes(name)
    ? `${n} batches of ${Math.max(5, together)} requests`
    : `${n} times five sends, or the latency of a request`
  return {
    name,
    why:
      n < LEAST_VALUES
        ? `${parts}, and ${LEAST_VALUES} are needed`
        : `only for a start: ${parts}, and ${ENOUGH_VALUES} are needed for steps and drifts`,
  }
}

function namedFinding(finding: Finding, { name, unit, better, edges }: Series): NamedFinding {
  const worse =
    better === 'neither' ? undefined : better === 'lower' ? finding.effect > 0 : finding.effect < 0
  return {
    ...{ ...finding, name, unit, worse },
    fromNs: edges[finding.from]![0],
    toNs: edges[finding.to - 1]![1],
  }
}

/**
 * Where all series keep their level: after the first answer was whole, since until then a load only fills the
 * server, and until the last send.
 */
function steadyOf(fact: Fact, trends: [Series, Trend][]): RunTrend['steady'] {
  const { firstNs, lastNs, answeredNs } = fact
  if (trends.length === 0)
    return { why: `the run is too short to tell: fewer than ${LEAST_VALUES} batches of requests` }
  if (answeredNs === undefined || answeredNs >= lastNs)
    return { why: 'every request was sent before the first had ended' }
  let [fromNs, toNs] = [answeredNs, lastNs + 1]
  for (const [{ name, edges }, { steady }] of trends) {
    if (!steady) return { why: `${name} drifts` }
    if (steady.from > 0) fromNs = Math.max(fromNs, edges[steady.from]![0])
    if (steady.to < edges.length) toNs = Math.min(toNs, edges[steady.to]![0])
  }
  if (toNs - fromNs < LEAST_STEADY * (lastNs - firstNs))
    return { why: 'no level is kept for a fifth of the time in which requests were sent' }
  return { fromNs, toNs }
}
