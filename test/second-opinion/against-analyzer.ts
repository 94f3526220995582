import { againstReport, PERCENTILES } from './against-report.ts'
import { againstRequests, againstSamples } from './against-requests.ts'
import { againstSlices, SLICE_NS } from './against-slices.ts'
import { goodputOf, type Limits } from './goodput.ts'
import type { Opinion } from './opinion.ts'
import { compare, type Tally, tally } from './tally.ts'
import { type AnalyzedTapes, plain, rowsByRun } from './told.ts'

/** The second opinion of each run, by its id. */
export type Opinions = Map<string, Opinion>

/**
 * Compares everything that both say of runs, but goodput.
 *
 * @param except  names of metrics that are not compared
 */
export async function againstAnalyzer(
  mine: Opinions,
  tapes: AnalyzedTapes,
  except: string[] = [],
): Promise<Map<string, Tally>> {
  const tallies = await againstRows(mine, tapes, except)
  const reports = await tapes.report({ percentiles: PERCENTILES, all: true })
  const slices = await tapes.slices({ widthNs: SLICE_NS, by: 'both', percentiles: PERCENTILES })
  const rowsOf = rowsByRun(tapes)
  for (const [runId, opinion] of mine) {
    const found = tallies.get(runId)!
    await againstSamples(found, runId, opinion, rowsOf, except)
    const report = reports.find(report => report.runId === runId)!
    againstReport(found, opinion, report.metrics, except)
    const own = slices.filter(slice => slice.runId === runId)
    againstSlices(found, opinion, own)
  }
  return tallies
}

/** Compares what both say of each request. */
export async function againstRows(
  mine: Opinions,
  tapes: AnalyzedTapes,
  except: string[] = [],
): Promise<Map<string, Tally>> {
  const rowsOf = rowsByRun(tapes)
  const tallies = new Map<string, Tally>()
  for (const [runId, opinion] of mine) {
    const found = tally()
    await againstRequests(found, runId, opinion, rowsOf, except)
    tallies.set(runId, found)
  }
  return tallies
}

const LIMITS: Limits = { time_to_first_token: 60, request_latency: 1200 }
const SLO = Object.entries(LIMITS).map(([metric, most]) => `${metric}:${most}`)

/** Whether any request has a value that the SLO asks for: the analyzer refuses to judge a run in which none has. */
export const canBeJudged = ({ samples }: Opinion): boolean =>
  Object.keys(LIMITS).every(metric => samples.get(metric)!.length > 0)

/** Compares the goodput of runs that can be judged. */
export async function againstGoodput(
  mine: Opinions,
  tapes: AnalyzedTapes,
  tallies: Map<string, Tally>,
): Promise<void> {
  const { tiers } = await tapes.goodput({ slo: SLO.join(' ') })
  for (const [runId, { population }] of mine) {
    const said = tiers.find(tier => tier['run_id'] === runId) ?? {}
    for (const [name, value] of Object.entries(goodputOf(population, LIMITS)))
      compare(tallies.get(runId)!, `goodput ${name}`, value, plain(said[name]), 1)
  }
}
