/**
 * Mann and Kendall's test for a monotone trend: the two-sided probability of so many ordered pairs without one
 * (Mann 1945, Kendall 1975), with the correction for ties, by the normal approximation.
 *
 * @param series  independent values, at least 4
 */
export function mannKendall(series: readonly number[]): number {
  const n = series.length
  let s = 0
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) s += Math.sign(series[j]! - series[i]!)
  const counts = new Map<number, number>()
  for (const value of series) counts.set(value, (counts.get(value) ?? 0) + 1)
  const pairs = (m: number): number => m * (m - 1) * (2 * m + 5)
  const ties = [...counts.values()].reduce((sum, m) => sum + pairs(m), 0)
  const variance = (pairs(n) - ties) / 18
  if (variance <= 0 || s === 0) return 1
  return 2 * upperTail((Math.abs(s) - 1) / Math.sqrt(variance))
}

/** Theil and Sen's slope: the median of the slopes of all pairs of values, per step. */
export function theilSen(series: readonly number[]): number {
  const slopes: number[] = []
  for (let i = 0; i < series.length; i++)
    for (let j = i + 1; j < series.length; j++) slopes.push((series[j]! - series[i]!) / (j - i))
  slopes.sort((a, b) => a - b)
  const middle = slopes.length / 2
  return slopes.length % 2 === 1
    ? slopes[Math.floor(middle)]!
    : (slopes[middle - 1]! + slopes[middle]!) / 2
}

/** The normal distribution above z >= 0: Abramowitz and Stegun 26.2.17, exact to 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const poly =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly
}
