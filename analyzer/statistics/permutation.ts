import { randomOf } from './random.ts'

/** The difference of two groups of runs, and how sure it is. */
export type PermutationTest = {
  /** Mean of `fresh` minus mean of `base`. */
  difference: number
  /** Two-sided: twice the smaller tail, at most 1. */
  p: number
  /** The least p that groups of these sizes can reach, whatever they hold. */
  smallestP: number
  /** The differences that the test does not reject; infinite where the groups are too small to reject any. */
  low: number
  high: number
  /** Whether every division into two groups was looked at, or a sample of them. */
  exact: boolean
}

/** Divisions that are looked at one by one: 10 runs against 10 are 184,756. */
export const MOST_DIVISIONS = 200_000
export const SAMPLED_DIVISIONS = 99_999
/** Differences closer than this share of the largest value are ties: sums in another order differ by less. */
export const TIE = 1e-12

/**
 * Permutation test of the difference of two means (Fisher 1935, Pitman 1937), with the interval that
 * inverts it (Tritchler 1984, J. Amer. Statist. Assoc. 79).
 *
 * Exact under the one assumption that, if nothing changed, a run could as well have been of the other
 * group. Over ranks it is the Mann-Whitney test.
 *
 * @param base,fresh   one statistic a run, at least one each
 * @param confidence   of the interval
 */
export function permutationTest(
  base: readonly number[],
  fresh: readonly number[],
  confidence = 0.95,
): PermutationTest {
  const values = Float64Array.from([...base, ...fresh])
  const divisions = binomial(values.length, fresh.length)
  const exact = divisions <= MOST_DIVISIONS
  const shifts = exact
    ? allShifts(values, base.length)
    : sampledShifts(values, base.length, SAMPLED_DIVISIONS)
  const n = shifts.length + 1
  const tie = TIE * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  let [above, below] = [1, 1]
  for (const shift of shifts) {
    if (shift <= tie) above++
    if (shift >= -tie) below++
  }
  shifts.sort()
  // A shift is rejected when no more than this many divisions, the true one among them, are as far out.
  const rejected = Math.floor(((1 - confidence) / 2) * n + TIE)
  return {
    difference: mean(fresh) - mean(base),
    p: Math.min(1, (2 * Math.min(above, below)) / n),
    smallestP: smallestP(base.length, fresh.length),
    low: rejected === 0 ? Number.NEGATIVE_INFINITY : shifts[rejected - 1]!,
    high: rejected === 0 ? Number.POSITIVE_INFINITY : shifts[shifts.length - rejected]!,
    exact,
  }
}

/** The least two-sided p of groups of these sizes: 4 against 4 runs 0.029, 5 against 5 0.0079. */
export const smallestP = (nBase: number, nFresh: number): number =>
  Math.min(1, 2 / Math.min(binomial(nBase + nFresh, nFresh), SAMPLED_DIVISIONS + 1))

export function binomial(n: number, k: number): number {
  let ways = 1
  for (let i = 1; i <= Math.min(k, n - k); i++) ways = (ways * (n - i + 1)) / i
  return Math.round(ways)
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * For each other division the shift of `fresh` at which it would be as far out as the true one: the mean
 * of what it takes out of `fresh` minus the mean of what it puts in.
 */
function allShifts(values: Float64Array, nBase: number): Float64Array {
  const n = values.length
  const nFresh = n - nBase
  const shifts = new Float64Array(binomial(n, nFresh) - 1)
  let found = 0
  const choose = (from: number, left: number, putIn: number, nIn: number, kept: number): void => {
    if (left === 0) {
      if (nIn > 0) shifts[found++] = (freshSum - kept - putIn) / nIn
      return
    }
    for (let i = from; i <= n - left; i++)
      if (i < nBase) choose(i + 1, left - 1, putIn + values[i]!, nIn + 1, kept)
      else choose(i + 1, left - 1, putIn, nIn, kept + values[i]!)
  }
  let freshSum = 0
  for (let i = nBase; i < n; i++) freshSum += values[i]!
  choose(0, nFresh, 0, 0, 0)
  return shifts
}

function sampledShifts(values: Float64Array, nBase: number, count: number): Float64Array {
  const random = randomOf(values.length)
  const places = Uint32Array.from(values, (_, i) => i)
  const nFresh = values.length - nBase
  return Float64Array.from({ length: count }, () => {
    let [putIn, takenOut, nIn] = [0, 0, 0]
    // The first nFresh places of a shuffle are the division's `fresh`.
    for (let i = 0; i < values.length; i++) {
      const j = i + Math.floor(random() * (values.length - i))
      const place = places[j]!
      places[j] = places[i]!
      places[i] = place
      if (i < nFresh && place < nBase) {
        putIn += values[place]!
        nIn++
      } else if (i >= nFresh && place >= nBase) takenOut += values[place]!
    }
    return nIn === 0 ? 0 : (takenOut - putIn) / nIn
  })
}
