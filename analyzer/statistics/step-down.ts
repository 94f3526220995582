import { binomial, MOST_DIVISIONS, SAMPLED_DIVISIONS, TIE } from './permutation.ts'
import { randomOf } from './random.ts'

/**
 * p values of several statistics of the same runs, corrected for being looked at together: the step-down
 * procedure of Westfall and Young (1993, "Resampling-Based Multiple Testing"; as "max T" in Ge, Dudoit and Speed
 * 2003, Test 12).
 *
 * All statistics see the same divisions of the runs into two sides. A statistic's p is the share of the divisions in
 * which the largest difference of it and of those that differ less is at least its own. The chance that any is called
 * changed that is not stays below the level, however they depend on each other; what rises and falls together, as the
 * percentiles of one metric do, costs next to nothing, where Holm's correction multiplies.
 *
 * @param statistics  of each run, the first nBase of them of the one side; on a scale on which a difference is one
 * @returns           each adjusted p, two-sided, in the order given
 */
export function stepDown(statistics: readonly (readonly number[])[], nBase: number): number[] {
  const [nStatistics, n] = [statistics.length, statistics[0]?.length ?? 0]
  const scaled = statistics.map(standardised)
  const differences = scaled.map(values =>
    Math.abs(values.subarray(nBase).reduce((sum, value) => sum + value, 0)),
  )
  // From the least difference to the greatest: the largest so far is that of all that differ no more.
  const order = differences.map((_, i) => i).sort((a, b) => differences[a]! - differences[b]!)
  const asFar = new Float64Array(nStatistics)
  let nDivisions = 0
  const count = (sums: ArrayLike<number>): void => {
    nDivisions++
    let most = 0
    for (const i of order) {
      most = Math.max(most, Math.abs(sums[i]!))
      if (most >= differences[i]! - ROUNDING) asFar[i]!++
    }
  }
  if (binomial(n, nBase) <= MOST_DIVISIONS) everyDivision(scaled, n - nBase, count)
  else {
    count(differences)
    sampledDivisions(scaled, n - nBase, count)
  }
  const adjusted = new Array<number>(nStatistics)
  let most = 0
  for (const i of order.toReversed()) {
    most = Math.max(most, asFar[i]! / nDivisions)
    adjusted[i] = most
  }
  return adjusted
}

/** Sums of standardised values in another order differ by less. */
const ROUNDING = 1e-9

/** With mean 0 and deviation 1 over all runs; what does not vary is 0. */
function standardised(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length,
  )
  const largest = Math.max(...values.map(Math.abs))
  return Float64Array.from(values, value =>
    deviation <= TIE * largest ? 0 : (value - mean) / deviation,
  )
}

type Count = (sums: ArrayLike<number>) => void

/** The sums of each choice of k runs. */
function everyDivision(scaled: Float64Array[], k: number, count: Count): void {
  const n = scaled[0]?.length ?? 0
  const sums = Array.from({ length: k + 1 }, () => new Float64Array(scaled.length))
  const choose = (from: number, chosen: number): void => {
    if (chosen === k) {
      count(sums[k]!)
      return
    }
    const [before, after] = [sums[chosen]!, sums[chosen + 1]!]
    for (let run = from; run <= n - (k - chosen); run++) {
      for (let i = 0; i < scaled.length; i++) after[i] = before[i]! + scaled[i]![run]!
      choose(run + 1, chosen + 1)
    }
  }
  choose(0, 0)
}

function sampledDivisions(scaled: Float64Array[], k: number, count: Count): void {
  const n = scaled[0]?.length ?? 0
  const random = randomOf(n)
  const places = Uint32Array.from({ length: n }, (_, run) => run)
  const sums = new Float64Array(scaled.length)
  for (let division = 0; division < SAMPLED_DIVISIONS; division++) {
    sums.fill(0)
    for (let at = 0; at < k; at++) {
      const other = at + Math.floor(random() * (n - at))
      const run = places[other]!
      places[other] = places[at]!
      places[at] = run
      for (let i = 0; i < scaled.length; i++) sums[i]! += scaled[i]![run]!
    }
    count(sums)
  }
}
