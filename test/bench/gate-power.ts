/**
 * What `diff` finds and what it makes up, over simulated runs: false alarms with identical settings, and the share
 * of true slow-downs of p99 time to first token that it finds.
 *
 *     node dist/test/bench/gate-power.js [--pairs 400] [--requests 1500] [--runs 5] [--server ordinary]
 *
 * The runs are of test/bench/batch-queue.ts; the statistics are those of `diff`, with its defaults: p99, 3 %
 * tolerance, 5 %. A pair is two sides of 5 runs that replay one plan; each pair has a plan of its own. False alarms are
 * counted over five times as many pairs. A slow-down is of the
 * server's every step, such that p99 rises by what is said, on average over plans. Ends with 1 when a target is
 * missed at the ordinary server.
 */
import { parseArgs } from 'node:util'
import { quantile } from '../../analyzer/statistics/bootstrap.ts'
import { type Change, compareRuns, judgeTogether } from '../../analyzer/statistics/compare.ts'
import { pairedStatistics } from '../../analyzer/statistics/paired.ts'
import { mean } from '../../analyzer/statistics/permutation.ts'
import { type Noise, queuePlan, queueRun } from './batch-queue.ts'

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '400' },
    requests: { type: 'string', default: '1500' },
    runs: { type: 'string', default: '5' },
    server: { type: 'string', default: 'quiet,ordinary,noisy' },
  },
})
const [nPairs, nRequests, nRuns] = [values.pairs, values.requests, values.runs].map(Number)
const TOLERANCE = 0.03
const RATE_PER_S = 8
const SLOW_DOWNS = [0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2]
/** Where the same is tried with a plan for each run: it takes as long again. */
const WITHOUT_PLAN = [0, 0.1, 0.2]
/** How many times as many pairs are looked at for false alarms, which are rare. */
const FALSE_ALARMS = 5
/** Runs that a slow-down is fitted by. */
const FITTED_BY = 60

const SETUPS: Record<string, Noise> = {
  quiet: { perRun: 0.003, wandering: 0.005, perStep: 0.03, stallsPerS: 0 },
  ordinary: { perRun: 0.01, wandering: 0.01, perStep: 0.05, stallsPerS: 1 / 30 },
  noisy: { perRun: 0.03, wandering: 0.03, perStep: 0.1, stallsPerS: 1 / 10 },
}

const p99 = (ttft: number[]): number => quantile(Float64Array.from(ttft).sort(), 0.99)
const deviation = (logs: number[]): number =>
  Math.sqrt(logs.reduce((sum, log) => sum + (log - mean(logs)) ** 2, 0) / (logs.length - 1))

/** How much slower every step must be for p99 to rise by a share. */
function slowerFor(slowDown: number, noise: Noise): number {
  const logP99 = (slower: number): number =>
    mean(
      Array.from({ length: FITTED_BY }, (_, i) =>
        Math.log(p99(queueRun(queuePlan(i, nRequests!, RATE_PER_S), 1e6 + i, slower, noise))),
      ),
    )
  const wanted = logP99(1) + Math.log(1 + slowDown)
  let [low, high] = [1, 1 + slowDown]
  for (let i = 0; i < 7; i++) {
    const middle = (low + high) / 2
    if (logP99(middle) < wanted) low = middle
    else high = middle
  }
  return (low + high) / 2
}

type Counts = { of: number; paired: number; asRuns: number; otherPlans: number | undefined }

const runsOf = (planOf: (i: number) => number, seed: number, slower: number, noise: Noise) =>
  Array.from({ length: nRuns! }, (_, i) =>
    queueRun(queuePlan(planOf(i), nRequests!, RATE_PER_S), seed + i, slower, noise),
  )

/** What `diff` says of two sides. */
function changeOf(base: number[][], fresh: number[][], paired: boolean): Change['change'] {
  const logs = paired ? pairedStatistics([...base, ...fresh], 0.99) : undefined
  const comparison = compareRuns(
    { base: base.map(p99), fresh: fresh.map(p99) },
    logs && { base: logs.slice(0, nRuns), fresh: logs.slice(nRuns) },
  )
  const rule = { better: 'lower', nBase: nRuns!, nFresh: nRuns! } as const
  return judgeTogether([{ ...comparison, ...rule }], TOLERANCE)[0]!.change
}

/** The base sides of all pairs: with one plan a pair, and with prompts and arrivals of its own for each run. */
const basesOf = (pairs: number, noise: Noise) =>
  Array.from({ length: pairs }, (_, pair) => ({
    base: runsOf(() => 1000 + pair, 40 * pair, 1, noise),
    loose: runsOf(i => 1e6 + 40 * pair + i, 40 * pair, 1, noise),
  }))

/** How many pairs show a change: any where nothing changed, else a slow-down. */
function count(
  slowDown: number,
  slower: number,
  noise: Noise,
  bases: ReturnType<typeof basesOf>,
): Counts {
  const found = { paired: 0, asRuns: 0, otherPlans: 0 }
  const isFound = (change: Change['change']): boolean =>
    change === 'worse' || (slowDown === 0 && change === 'better')
  for (const [pair, { base, loose }] of bases.entries()) {
    const seed = 40 * pair + 20
    const fresh = runsOf(() => 1000 + pair, seed, slower, noise)
    if (isFound(changeOf(base, fresh, true))) found.paired++
    if (isFound(changeOf(base, fresh, false))) found.asRuns++
    if (!WITHOUT_PLAN.includes(slowDown)) continue
    const looser = runsOf(i => 1e6 + seed + i, seed, slower, noise)
    if (isFound(changeOf(loose, looser, false))) found.otherPlans++
  }
  return {
    of: bases.length,
    ...found,
    otherPlans: WITHOUT_PLAN.includes(slowDown) ? found.otherPlans : undefined,
  }
}

const share = (n: number | undefined, of: number): string =>
  n === undefined ? '' : `${((100 * n) / of).toFixed(1)} %`
console.log(
  `${nPairs} pairs of ${nRuns} against ${nRuns} runs of ${nRequests} requests at ${RATE_PER_S}/s; tolerance ${100 * TOLERANCE} %`,
)
console.log(
  '\n| server | p99 from run to run | slow-down of p99 | paired by prompt | same plan, not paired | a plan for each run |\n| --- | ---: | ---: | ---: | ---: | ---: |',
)
const missed: string[] = []
for (const name of values.server.split(',')) {
  const noise = SETUPS[name]!
  const bases = basesOf(FALSE_ALARMS * nPairs!, noise)
  const spread = mean(bases.map(({ base }) => deviation(base.map(run => Math.log(p99(run))))))
  for (const slowDown of SLOW_DOWNS) {
    const slower = slowDown === 0 ? 1 : slowerFor(slowDown, noise)
    const counted = slowDown === 0 ? bases : bases.slice(0, nPairs)
    const { of, paired, asRuns, otherPlans } = count(slowDown, slower, noise, counted)
    const effect = slowDown === 0 ? 'none: false alarms' : `${Math.round(100 * slowDown)} %`
    const cells = [paired, asRuns, otherPlans].map(n => share(n, of))
    console.log(`| ${name} | ${(100 * spread).toFixed(1)} % | ${effect} | ${cells.join(' | ')} |`)
    if (name !== 'ordinary') continue
    if (slowDown === 0 && paired > 0.05 * of) missed.push(`${share(paired, of)} false alarms`)
    if (slowDown === 0.1 && paired < 0.9 * of) missed.push(`${share(paired, of)} of 10 % found`)
  }
}
console.log(
  missed.length === 0
    ? '\nTargets met at the ordinary server: at most 5 % false alarms, 90 % of slow-downs by 10 % found.'
    : `\nMISSED: ${missed.join('; ')}`,
)
process.exitCode = missed.length === 0 ? 0 : 1
