/**
 * How many values at the start of a series are best left out: the truncation point with the least marginal
 * standard error of what remains, (1/m²) Σ (x - mean)² over the m values after it. At most half may go.
 *
 * White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69(6), 1997; on
 * means of batches of five values it is MSER-5 (White, Cobb and Spratt 2000). It only says where: that there is
 * something to leave out is for a test to say.
 */
export function mserTruncation(series: readonly number[]): number {
  const n = series.length
  let best = { at: 0, error: Number.POSITIVE_INFINITY }
  // Welford's sums, so that equal values have no error at all.
  let [mean, squares] = [0, 0]
  for (let at = n - 1; at >= 0; at--) {
    const m = n - at
    const off = series[at]! - mean
    mean += off / m
    squares += off * (series[at]! - mean)
    const error = squares / m ** 2
    if (at <= n / 2 && error <= best.error) best = { at, error }
  }
  return best.at
}
