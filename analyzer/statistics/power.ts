import { LEAST_RUNS, LEVEL } from './compare.ts'
import { binomial, mean } from './permutation.ts'
import { randomOf } from './random.ts'

/** What comparisons of n runs a side find, by runs drawn from the noise of equal ones. */
export type Power = {
  runsASide: number
  /**
   * The share of the comparisons that call one statistic worse by a factor.
   *
   * @param which      the statistic
   * @param log        how much slower it is, as a logarithm; the others did not change
   * @param tolerance  what a change must exceed, as a logarithm
   * @param shrunk     its deviation as a share of what was drawn, for longer runs
   */
  finds(which: number, log: number, tolerance: number, shrunk?: number): number
}

/** Comparisons that are drawn. */
const DRAWN = 4000
/** The share of them that is to be found. */
export const MOST = 0.9
/** Runs a side beyond which nobody is advised to go. */
const MOST_RUNS = 100

/**
 * The power of comparing n runs with n, for statistics that vary together as those of equal runs do: their
 * logarithms are drawn from the normal distribution with the covariance of these runs.
 *
 * A statistic is called changed when its difference, in deviations of all 2n runs, is larger than the largest of all
 * statistics is in 95 of 100 comparisons where nothing changed: what the permutation test amounts to.
 *
 * @param logs  a row for each statistic, of its logarithm in each equal run
 */
export function powerOf(logs: readonly (readonly number[])[], runsASide: number): Power {
  const centred = logs.map(values => values.map(value => value - mean(values)))
  const nRuns = logs[0]!.length
  const gauss = gaussian(randomOf(runsASide))
  const differences = logs.map(() => new Float64Array(DRAWN))
  const within = logs.map(() => new Float64Array(DRAWN))
  const largest = new Float64Array(DRAWN)
  const weights = new Float64Array(nRuns)
  const side = { sums: new Float64Array(logs.length), squares: new Float64Array(logs.length) }
  const draw = (): { means: number[]; spread: number[] } => {
    side.sums.fill(0)
    side.squares.fill(0)
    for (let run = 0; run < runsASide; run++) {
      for (let i = 0; i < nRuns; i++) weights[i] = gauss() / Math.sqrt(nRuns - 1)
      for (const [statistic, values] of centred.entries()) {
        let value = 0
        for (let i = 0; i < nRuns; i++) value += weights[i]! * values[i]!
        side.sums[statistic]! += value
        side.squares[statistic]! += value * value
      }
    }
    const means = logs.map((_, i) => side.sums[i]! / runsASide)
    return { means, spread: means.map((m, i) => side.squares[i]! - runsASide * m * m) }
  }
  for (let comparison = 0; comparison < DRAWN; comparison++) {
    const [base, fresh] = [draw(), draw()]
    for (let i = 0; i < logs.length; i++) {
      differences[i]![comparison] = fresh.means[i]! - base.means[i]!
      within[i]![comparison] = fresh.spread[i]! + base.spread[i]!
      largest[comparison] = Math.max(
        largest[comparison]!,
        correlation(differences[i]![comparison]!, within[i]![comparison]!, runsASide),
      )
    }
  }
  const least = largest.sort()[Math.ceil((1 - attainable(runsASide)) * DRAWN) - 1]!
  return {
    runsASide,
    finds(which, log, tolerance, shrunk = 1) {
      // A smaller deviation is the same as a larger effect, and a larger tolerance with it.
      let found = 0
      for (let i = 0; i < DRAWN; i++) {
        const difference = differences[which]![i]! + log / shrunk
        if (difference <= tolerance / shrunk) continue
        if (correlation(difference, within[which]![i]!, runsASide) > least) found++
      }
      return found / DRAWN
    },
  }
}

/** The highest level that a permutation test of so many runs has at or below 5 %: 2 in 70 of 4 against 4. */
function attainable(runsASide: number): number {
  const divisions = binomial(2 * runsASide, runsASide)
  return (2 * Math.floor((LEVEL * divisions) / 2)) / divisions
}

/** The correlation of a statistic with the side it is of: grows with the difference, and with nothing else. */
const correlation = (difference: number, within: number, runsASide: number): number => {
  const between = (runsASide / 2) * difference * difference
  return between === 0 ? 0 : Math.sqrt(between / (between + within))
}

/** The least runs a side that find a change in 9 of 10 comparisons; undefined: more than 100. */
export function runsToFind(
  powerAt: (runsASide: number) => Power,
  finds: (power: Power) => number,
): number | undefined {
  const enough = (runsASide: number): boolean => finds(powerAt(runsASide)) >= MOST
  let [low, high] = [LEAST_RUNS, LEAST_RUNS]
  while (!enough(high)) {
    if (high === MOST_RUNS) return undefined
    low = high + 1
    high = Math.min(2 * high, MOST_RUNS)
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (enough(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** The least change that is found in 9 of 10 comparisons, as a share; undefined: a doubling is not. */
export function leastFound(finds: (log: number) => number): number | undefined {
  if (finds(Math.log(2)) < MOST) return undefined
  let [low, high] = [0, Math.log(2)]
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2
    if (finds(middle) >= MOST) high = middle
    else low = middle
  }
  return Math.exp(high) - 1
}

/** Standard normal draws (Box and Muller 1958), both of a pair. */
function gaussian(random: () => number): () => number {
  let spare: number | undefined
  return () => {
    if (spare !== undefined) {
      const kept = spare
      spare = undefined
      return kept
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}
