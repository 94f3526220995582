import { compareStatistics, statisticsOfMetric } from './against-report.ts'
import { overNs } from './load-steps.ts'
import type { Opinion } from './opinion.ts'
import { type Slice, slicesOf } from './slices.ts'
import { type Comparable, compare, type Tally } from './tally.ts'
import { plain, type Row, type SaidSlice } from './told.ts'

export const SLICE_NS = 1_000_000_000

/** Numbers of a slice that have the same name on both sides. */
const COUNTS = ['fromNs', 'toNs', 'filledNs', 'nStarted', 'nSucceeded', 'nFailed'] as const

/** Compares the slices of a run. */
export function againstSlices(to: Tally, mine: Opinion, said: SaidSlice[]): void {
  const slices = slicesOf(mine.population, SLICE_NS)
  compare(to, 'slices', slices.length, said.length, 0)
  for (const [i, slice] of slices.entries()) {
    const theirs: Row = said[i] ?? {}
    const load = (theirs['load'] ?? {}) as Row
    const same = (name: string, value: Comparable, other: unknown, ulps = 0): void =>
      compare(to, `slice ${i} ${name}`, value, plain(other), ulps)
    const perSecond = (n: number): Comparable =>
      slice.filledNs === 0 ? null : (n * 1e9) / slice.filledNs
    for (const name of COUNTS) same(name, slice[name], theirs[name])
    same('complete', slice.filledNs === SLICE_NS, theirs['complete'])
    // Where we did not count them, tokens are thirds and sevenths, added up.
    const ulps = Number.isInteger(slice.nTokens) && slice.areCounted ? 1 : 16
    same('nTokens', slice.nTokens, theirs['nTokens'], ulps - 1)
    same('tokens/s', perSecond(slice.nTokens), theirs['outputTokenThroughput'], ulps)
    same('requests/s', perSecond(slice.nSucceeded), theirs['requestThroughput'], 1)
    for (const [name, mean] of Object.entries(slice.load)) same(name, mean, load[name], 1)
    if (said[i]) compareMetrics(to, `slice ${i}`, slice, mine, said[i])
  }
}

/** Latencies of the requests that were sent in a slice, and of those that ended in it. */
function compareMetrics(
  to: Tally,
  what: string,
  { fromNs, toNs }: Slice,
  mine: Opinion,
  said: SaidSlice,
): void {
  const placed = new Map(mine.requests.map(request => [request.id, request]))
  for (const summary of said.metrics) {
    const { name } = summary.metric
    const samples = mine.samples.get(name)!.filter(({ id }) => {
      const request = placed.get(id)!
      const atNs = summary.by === 'end' ? overNs(request) : request.sentNs
      return atNs !== null && fromNs <= atNs && atNs < toNs
    })
    compareStatistics(
      to,
      `${what} ${name} by ${summary.by}`,
      statisticsOfMetric(name, samples),
      summary,
    )
  }
}
