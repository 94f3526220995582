import { type MetricSubject, subjectName } from './gate.ts'
import type { Tapes } from './open-tapes.ts'
import { type RunStatistic, runStatistics } from './run-statistics.ts'
import { samplesInOrder } from './samples-in-order.ts'
import { LEAST_RUNS, LEVEL } from './statistics/compare.ts'
import { neighboursAlike } from './statistics/neighbours.ts'
import { deviationOfLonger, type Noise, noiseOf } from './statistics/noise.ts'
import { leastFound, type Power, powerOf, runsToFind } from './statistics/power.ts'
import { statisticOfSamples } from './within-runs.ts'

/** What a comparison can see of one statistic, of nine in ten such comparisons. */
export type NoiseFloorRow = {
  subject: MetricSubject
  n: number | null
  noise: Noise
  /** The least change that half as many runs a side find; null: a doubling is not found. */
  sees: number | null
  /** Runs a side that find the slow-down asked for; undefined: more than anyone would record. */
  runs: number | undefined
  /** The same if the deviation is as low, or as high, as so few runs leave open. */
  runsLow: number | undefined
  runsHigh: number | undefined
  /** Runs a side of LONGER times as many requests; null where halves of runs have no such statistic. */
  runsOfLonger: number | undefined | null
  /** Whether runs that follow each other are alike: then what is compared must be recorded in turn. */
  drifts: boolean
}

export type NoiseFloor = {
  runsASide: number
  nRuns: number
  /** Requests of the profiling phase, of the run that has the fewest. */
  nRequests: number
  rows: NoiseFloorRow[]
  unjudged: { subject: MetricSubject; why: string }[]
}

/** How many times as long the longer runs are that are looked at. */
export const LONGER = 4

/**
 * What equal runs say on what comparing as many, or more, can find. All gates are judged together, as `diff` does,
 * and one alone is slower.
 *
 * @param runIds  in the order in which they were recorded
 * @param see     the slow-down that is to be found, a share
 */
export async function noiseFloorOf(
  tapes: Tapes,
  gates: MetricSubject[],
  runIds: string[],
  { see, tolerance }: { see: number; tolerance: number },
): Promise<NoiseFloor> {
  const statistics = (await runStatistics(tapes, gates, runIds)).map(withoutZeros)
  const judged = statistics.filter(({ why }) => why === undefined)
  const logs = judged.map(({ values }) => values.map(Math.log))
  const runsASide = runIds.length >> 1
  const enough = runsASide >= LEAST_RUNS
  const powers = new Map<number, Power>()
  const powerAt = (n: number): Power => {
    if (!powers.has(n)) powers.set(n, powerOf(logs, n))
    return powers.get(n)!
  }
  const allowed = Math.log(1 + tolerance)
  const rows: NoiseFloorRow[] = []
  for (const [i, { subject, n }] of judged.entries()) {
    const noise = noiseOf(logs[i]!, await halvesOf(tapes, subject, runIds))
    const runsAt = (deviation: number): number | undefined =>
      noise.deviation === 0
        ? LEAST_RUNS
        : runsToFind(powerAt, power =>
            power.finds(i, Math.log(1 + see), allowed, deviation / noise.deviation),
          )
    const ofLonger = deviationOfLonger(noise, LONGER)
    rows.push({
      subject,
      n,
      noise,
      ...(enough
        ? {
            sees: leastFound(log => powerAt(runsASide).finds(i, log, allowed)) ?? null,
            runs: runsAt(noise.deviation),
            runsLow: runsAt(noise.low),
            runsHigh: runsAt(noise.high),
            runsOfLonger: ofLonger === null ? null : runsAt(ofLonger),
          }
        : {
            ...{ sees: null, runs: undefined, runsLow: undefined, runsHigh: undefined },
            runsOfLonger: null,
          }),
      drifts: enough && neighboursAlike(logs[i]!) * logs.length <= LEVEL,
    })
  }
  const [counted] = await tapes.query(
    `select min(n) as n from (select count(*) as n from requests where phase = 'profiling' group by run_id)`,
  )
  return {
    runsASide,
    nRuns: runIds.length,
    nRequests: Number(counted?.['n'] ?? 0),
    rows,
    unjudged: statistics.flatMap(({ subject, why }) =>
      why === undefined ? [] : [{ subject, why }],
    ),
  }
}

const withoutZeros = (statistic: RunStatistic): RunStatistic =>
  statistic.why !== undefined ||
  statistic.values.every(value => value > 0 && Number.isFinite(value))
    ? statistic
    : {
        ...statistic,
        why: `a run has no ${subjectName(statistic.subject)} that is above 0 and finite`,
      }

/** The logarithms of a statistic of the first half of each run's samples, and of the second. */
async function halvesOf(
  tapes: Tapes,
  { metric, statistic }: MetricSubject,
  runIds: string[],
): Promise<[number, number][] | undefined> {
  const statisticIn = statisticOfSamples(statistic)
  const series = statisticIn && (await samplesInOrder(tapes, metric, runIds))
  if (!series || series.some(samples => samples.length < 4)) return undefined
  return series.map(samples => {
    const middle = samples.length >> 1
    const logOf = (from: number, to: number): number =>
      Math.log(statisticIn!(Float64Array.from(samples.slice(from, to))))
    return [logOf(0, middle), logOf(middle, samples.length)]
  })
}
