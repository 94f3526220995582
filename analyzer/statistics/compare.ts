import { holm } from './holm.ts'
import { mean, type PermutationTest, permutationTest } from './permutation.ts'

/** One statistic a run, such as its p99. */
export type Sides = { base: readonly number[]; fresh: readonly number[] }

/** Two sides compared run by run. */
export type Comparison = {
  /** Geometric means over the runs; plain means where a value is not above 0. */
  base: number
  fresh: number
  /** fresh / base, of the paired prompts where there are such; null where it means nothing. */
  ratio: number | null
  /** The ratios that the test does not reject at 95 %; null where there are too few runs to reject any. */
  low: number | null
  high: number | null
  p: number
  /** The least that runs as many as these can reach. */
  smallestP: number
  /** Whether the ratio and p are of each prompt with itself. */
  paired: boolean
}

/** Runs a side below which nothing is said. */
export const LEAST_RUNS = 4
/** The chance of a false alarm that is accepted, over all gates together. */
export const LEVEL = 0.05

/**
 * Compares the runs of two sides by a permutation test over the logarithms of their statistics; over their
 * ranks where one is infinite, over themselves where one is not above 0.
 *
 * @param paired  logarithmic statistics of the same runs by prompt, from pairedStatistics
 */
export function compareRuns(values: Sides, paired?: Sides): Comparison {
  const all = [...values.base, ...values.fresh]
  const positive = all.every(value => value > 0 && value < Number.POSITIVE_INFINITY)
  const average = (side: readonly number[]): number =>
    positive ? Math.exp(mean(side.map(Math.log))) : mean(side)
  const [base, fresh] = [average(values.base), average(values.fresh)]
  const logs = paired ?? (positive ? mapped(values, Math.log) : undefined)
  if (logs) {
    const test = permutationTest(logs.base, logs.fresh)
    const bound = (log: number): number | null => (Number.isFinite(log) ? Math.exp(log) : null)
    return {
      base,
      fresh,
      ratio: Math.exp(test.difference),
      low: bound(test.low),
      high: bound(test.high),
      ...chances(test),
      paired: paired !== undefined,
    }
  }
  const finite = all.every(Number.isFinite)
  const test = finite
    ? permutationTest(values.base, values.fresh)
    : permutationTest(ranks(values.base, all), ranks(values.fresh, all))
  const ratio = finite && base > 0 ? fresh / base : null
  return { base, fresh, ratio, low: null, high: null, ...chances(test), paired: false }
}

const chances = ({ p, smallestP }: PermutationTest) => ({ p, smallestP })

const mapped = ({ base, fresh }: Sides, of: (value: number) => number): Sides => ({
  base: base.map(of),
  fresh: fresh.map(of),
})

/** The rank of each value among all; ties share the mean of theirs. */
const ranks = (values: readonly number[], all: readonly number[]): number[] =>
  values.map(
    value =>
      all.filter(other => other < value).length +
      (all.filter(other => other === value).length + 1) / 2,
  )

export const CHANGES = ['better', 'worse', 'no difference shown', 'not enough runs'] as const

/** What a comparison comes to. */
export type Change = {
  change: (typeof CHANGES)[number]
  /** p corrected for the gates that are looked at together. */
  correctedP: number
  /** Whether there is a difference, but one that the tolerance allows. */
  tolerated: boolean
}

export type Rule = { better: 'lower' | 'higher' | 'neither'; nBase: number; nFresh: number }

/**
 * Judges comparisons that are looked at together: Holm's correction over all of them. A change is one that
 * is both significant and larger than the tolerance.
 *
 * @param tolerance  a share: 0.03 is 3 % more, or the same factor less
 */
export function judgeTogether(
  comparisons: readonly (Comparison & Rule)[],
  tolerance: number,
): Change[] {
  const corrected = holm(comparisons.map(({ p }) => p))
  return comparisons.map((comparison, i) => {
    const { base, fresh, ratio, better, nBase, nFresh, smallestP } = comparison
    const correctedP = corrected[i]!
    const reachable = smallestP * comparisons.length <= LEVEL
    if (Math.min(nBase, nFresh) < LEAST_RUNS || !reachable)
      return { change: 'not enough runs', correctedP, tolerated: false }
    if (correctedP > LEVEL) return { change: 'no difference shown', correctedP, tolerated: false }
    // Without a ratio (from 0 to something, or to infinity) no share of it can be tolerated.
    const tolerated = ratio !== null && Math.abs(Math.log(ratio)) <= Math.log(1 + tolerance)
    if (tolerated) return { change: 'no difference shown', correctedP, tolerated }
    const rose = ratio === null ? fresh > base : ratio > 1
    return { change: rose === (better === 'higher') ? 'better' : 'worse', correctedP, tolerated }
  })
}
