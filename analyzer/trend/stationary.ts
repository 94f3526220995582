/** Orders in which a series is read again. */
const PERMUTATIONS = 1999

/**
 * The probability that a series without any order in it looks as ordered as this one: a permutation test, exact
 * for any distribution of independent values.
 *
 * Two statistics, each with its own share of the error: the greatest weighted CUSUM over all places where a level
 * might change (Csörgő and Horváth, "Limit Theorems in Change-Point Analysis", 1997), and the correlation with time.
 *
 * @param series  independent values, see noiseOf
 * @param least   values on each side of a change, at least 1
 * @returns the lesser of both probabilities, doubled
 */
export function probabilityOfNoise(series: readonly number[], least: number): number {
  const asRead = statisticsOf(series, least)
  const next = generator(series.length)
  const shuffled = [...series]
  let steps = 0
  let slopes = 0
  for (let i = 0; i < PERMUTATIONS; i++) {
    shuffle(shuffled, next)
    const found = statisticsOf(shuffled, least)
    if (found.step >= asRead.step) steps++
    if (found.slope >= asRead.slope) slopes++
  }
  return Math.min(1, (2 * (Math.min(steps, slopes) + 1)) / (PERMUTATIONS + 1))
}

function statisticsOf(series: readonly number[], least: number): { step: number; slope: number } {
  const n = series.length
  let total = 0
  for (const value of series) total += value
  const mean = total / n
  let sum = 0
  let step = 0
  let slope = 0
  for (let t = 0; t < n; t++) {
    const value = series[t]! - mean
    sum += value
    slope += (t - (n - 1) / 2) * value
    const before = t + 1
    if (before >= least && n - before >= least)
      step = Math.max(step, (sum * sum) / (before * (n - before)))
  }
  return { step, slope: Math.abs(slope) }
}

/** Fisher and Yates. */
function shuffle(values: number[], next: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1))
    ;[values[i], values[j]] = [values[j]!, values[i]!]
  }
}

/** Numbers from 0 to 1 (mulberry32): always the same, so that the same tape gives the same answer. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
