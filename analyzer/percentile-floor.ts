/**
 * The least number of samples that a percentile may be read from: with fewer, more than one time in a
 * hundred at most one sample lies beyond it, so that a single one decides.
 *
 * LoadGen's floors, which follow from that: 11 for p50, 64 for p90, 130 for p95, 662 for p99, 6,636 for
 * p99.9. 1 for the least and the greatest, which are samples themselves.
 */
export function percentileFloor(percent: number): number {
  const beyond = Math.min(percent, 100 - percent) / 100
  if (beyond <= 0) return 1
  let [low, high] = [1, 2]
  while (atMostOneBeyond(high, beyond) > 0.01) high *= 2
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (atMostOneBeyond(middle, beyond) > 0.01) low = middle + 1
    else high = middle
  }
  return low
}

/** The probability that at most one of n samples lies beyond. */
const atMostOneBeyond = (n: number, beyond: number): number =>
  (1 - beyond) ** n + n * beyond * (1 - beyond) ** (n - 1)
