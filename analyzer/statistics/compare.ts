import { mean, permutationTest } from './permutation.ts'
import { stepDown } from './step-down.ts'

/** One statistic a run, such as its p99. */
export type Sides = { base: readonly number[]; fresh: readonly number[] }

/** Two sides compared run by run, by the statistic that they are shown by. */
export type Comparison = {
  /** Geometric means over the runs; plain means where a value is not above 0. */
  base: number
  fresh: number
  /** fresh / base; null where it means nothing. */
  ratio: number | null
  /** The ratios that the test does not reject at 95 %; null where there are too few runs to reject any. */
  low: number | null
  high: number | null
  p: number
  /** The least that runs as many as these can reach. */
  smallestP: number
  /** The way fresh went from base, on the scale of the test: -1, 0 or 1. */
  direction: number
  /** What was tested: logarithms, the values themselves, or their ranks. */
  tested: Sides
}

/** Runs a side below which nothing is said. */
export const LEAST_RUNS = 4
/** Runs a side that are advised. */
export const ADVISED_RUNS = 5
/** The chance of a false alarm that is accepted, over all gates together. */
export const LEVEL = 0.05

/**
 * Compares the runs of two sides by a permutation test over the logarithms of their statistics; over their
 * ranks where one is infinite, over themselves where one is not above 0.
 *
 * Runs that replayed one plan are paired by that: what its prompts and arrivals do, they do to every run of either side.
 */
export function compareRuns(values: Sides): Comparison {
  const all = [...values.base, ...values.fresh]
  const finite = all.every(Number.isFinite)
  const positive = finite && all.every(value => value > 0)
  const average = (side: readonly number[]): number =>
    positive ? Math.exp(mean(side.map(Math.log))) : mean(side)
  const [base, fresh] = [average(values.base), average(values.fresh)]
  const tested = mapped(values, positive ? Math.log : finite ? value => value : rankAmong(all))
  const test = permutationTest(tested.base, tested.fresh)
  const bound = (log: number): number | null =>
    positive && Number.isFinite(log) ? Math.exp(log) : null
  return {
    base,
    fresh,
    ratio: finite && base > 0 ? fresh / base : null,
    low: bound(test.low),
    high: bound(test.high),
    p: test.p,
    smallestP: test.smallestP,
    direction: Math.sign(test.difference),
    tested,
  }
}

const mapped = ({ base, fresh }: Sides, of: (value: number) => number): Sides => ({
  base: base.map(of),
  fresh: fresh.map(of),
})

/** The rank of a value among all; ties share the mean of theirs. */
const rankAmong =
  (all: readonly number[]) =>
  (value: number): number =>
    all.filter(other => other < value).length +
    (all.filter(other => other === value).length + 1) / 2

export const CHANGES = ['better', 'worse', 'no difference shown', 'not enough runs'] as const

/** What a comparison comes to. */
export type Change = {
  change: (typeof CHANGES)[number]
  /** p corrected for all that is looked at together. */
  correctedP: number
  /** Whether there is a difference, but one that the tolerance allows. */
  tolerated: boolean
}

export type Rule = { better: 'lower' | 'higher' | 'neither' }

/**
 * Judges comparisons of the same runs that are looked at together. A change is one that is both significant, after the
 * correction for all of them, and larger than the tolerance.
 *
 * @param tolerance  a share: 0.03 is 3 % more, or the same factor less
 */
export function judgeTogether(
  comparisons: readonly (Comparison & Rule)[],
  tolerance: number,
): Change[] {
  const { base = [], fresh = [] } = comparisons[0]?.tested ?? {}
  const few = Math.min(base.length, fresh.length) < LEAST_RUNS
  const corrected = few
    ? comparisons.map(({ p }) => p)
    : stepDown(
        comparisons.map(({ tested }) => [...tested.base, ...tested.fresh]),
        base.length,
      )
  return comparisons.map(({ ratio, direction, better, p }, i) => {
    // The correction is of the plain two-sided test; with sides of unequal size p itself may be larger.
    const correctedP = Math.max(corrected[i]!, p)
    if (few) return { change: 'not enough runs', correctedP, tolerated: false }
    if (correctedP > LEVEL || direction === 0)
      return { change: 'no difference shown', correctedP, tolerated: false }
    // Without a ratio (from 0 to something, or to infinity) no share of it can be tolerated.
    const tolerated = ratio !== null && Math.abs(Math.log(ratio)) <= Math.log(1 + tolerance)
    if (tolerated) return { change: 'no difference shown', correctedP, tolerated }
    const rose = direction > 0
    return { change: rose === (better === 'higher') ? 'better' : 'worse', correctedP, tolerated }
  })
}
