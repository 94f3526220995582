/** What a series is made of beside its level: how its values hang together, and how far they scatter. */
export type Noise = {
  /** Correlation of each value with the one before it, from 0 to 0.9. */
  phi: number
  /** The series without that correlation: w[t] = x[t] - phi x[t-1]; w[0] is scaled to the same level. */
  white: number[]
  /** Standard deviation of `white`, with levels and slopes left out. */
  sigma: number
}

/** Below 0.1 % (of a logarithm) nothing is noise that anybody would look at. */
export const LEAST_SIGMA = 1e-3

/**
 * Takes a series' autocorrelation of order one out of it.
 *
 * Requests near each other share a batch and a queue, so that tests which assume independence see changes
 * where there are none. The correlation is that of what the best single step, or the best line, leaves over: a
 * change is not to be taken for correlation. Such residuals show less than there is, so Kendall's correction for a
 * mean (Biometrika 41, 1954) is made for each of the three things fitted: two levels and a place, or a line.
 *
 * @param series  at least 4 values
 */
export function noiseOf(series: readonly number[]): Noise {
  const found = correlationOf(leftOver(series))
  const phi = Math.min(0.9, Math.max(0, found + (3 * (1 + 3 * Math.max(0, found))) / series.length))
  const white = series.map((value, t) =>
    t === 0 ? value * (1 - phi) : value - phi * series[t - 1]!,
  )
  // The median of |difference| of two normal values is 0.6745 √2 standard deviations.
  const sigma = median(differences(white)) / (0.6745 * Math.SQRT2)
  return { phi, white, sigma: Math.max(sigma, LEAST_SIGMA) }
}

/** What remains of a series when the step, or the line, that explains most of it is taken away. */
function leftOver(series: readonly number[]): number[] {
  const n = series.length
  const mean = series.reduce((sum, value) => sum + value, 0) / n
  let [sum, covariance] = [0, 0]
  let step = { at: 0, explained: 0, before: 0 }
  for (const [t, value] of series.entries()) {
    sum += value - mean
    covariance += (t - (n - 1) / 2) * (value - mean)
    const before = t + 1
    if (before === n) break
    const explained = (sum * sum * n) / (before * (n - before))
    if (explained > step.explained) step = { at: before, explained, before: sum / before }
  }
  const slope = covariance / ((n * (n * n - 1)) / 12)
  if (slope * covariance > step.explained)
    return series.map((value, t) => value - mean - slope * (t - (n - 1) / 2))
  const after = (-step.before * step.at) / (n - step.at)
  return series.map((value, t) => value - mean - (t < step.at ? step.before : after))
}

/** Correlation with the value before; none where there is no noise that could have one. */
function correlationOf(residuals: readonly number[]): number {
  let [products, squares] = [0, 0]
  for (const [t, value] of residuals.entries()) {
    squares += value * value
    if (t > 0) products += value * residuals[t - 1]!
  }
  return squares > residuals.length * LEAST_SIGMA ** 2 ? products / squares : 0
}

const differences = (series: readonly number[]): number[] =>
  series.slice(1).map((value, i) => Math.abs(value - series[i]!))

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2
}
