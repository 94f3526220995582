import { REQUEST_METRICS, type Value } from './request-metrics.ts'
import type { Request } from './requests.ts'
import { durationNs, type Population, totalOf } from './run-metrics.ts'
import { ratio } from './statistics.ts'

/** The most that each metric may be, in the unit in which its column has it. */
export type Limits = Record<string, number>

export type Goodput = {
  n_good: number
  n_scheduled: number | null
  n_sent: number
  n_completed: number
  share_of_scheduled: Value
  share_of_sent: Value
  share_of_completed: Value
  goodput: Value
  token_goodput: Value
}

/** Good is a request that succeeded and keeps every limit; what has no value keeps none. */
export function goodputOf(population: Population, limits: Limits): Goodput {
  const { all, ok } = population
  const good = ok.filter(request =>
    Object.entries(limits).every(([metric, most]) => {
      const ns = REQUEST_METRICS[metric]![1](request)
      return ns !== null && ns / 1e6 <= most
    }),
  )
  const isScheduled = ({ scheduledNs }: Request): boolean => scheduledNs !== null
  const nScheduled = all.some(isScheduled) ? all.filter(isScheduled).length : null
  const nSent = all.filter(({ sentNs }) => sentNs !== null).length
  const share = (of: number | null): Value => (of === null || of === 0 ? null : good.length / of)
  const ns = durationNs(population)
  const perSecond = (n: number): Value =>
    ns === null || ns === 0 ? null : ratio(BigInt(n) * 1_000_000_000n, BigInt(ns))
  return {
    n_good: good.length,
    n_scheduled: nScheduled,
    n_sent: nSent,
    n_completed: ok.length,
    share_of_scheduled: share(nScheduled),
    share_of_sent: share(nSent),
    share_of_completed: share(ok.length),
    goodput: perSecond(good.length),
    token_goodput: perSecond(totalOf(({ outputTokens }) => outputTokens, good)),
  }
}
