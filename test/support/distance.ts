/** Kolmogorov–Smirnov distance of a sample from a distribution: the largest gap between the two. */
export function distance(sample: number[], cdf: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b)
  return Math.max(
    ...sorted.map((x, i) =>
      Math.max(Math.abs(cdf(x) - i / sorted.length), Math.abs(cdf(x) - (i + 1) / sorted.length)),
    ),
  )
}

/** The distance that a sample of n keeps within in 999 of 1000 cases (Smirnov 1948). */
export const limitOf = (n: number): number => 1.95 / Math.sqrt(n)

/** Gaps of poisson arrivals, as multiples of their mean. */
export const exponential = (x: number): number => 1 - Math.exp(-x)

/** Gaps of gamma arrivals of a whole shape k, as multiples of their mean (Erlang). */
export const erlang =
  (k: number) =>
  (x: number): number => {
    let term = 1
    let sum = 1
    for (let n = 1; n < k; n++) {
      term *= (k * x) / n
      sum += term
    }
    return 1 - Math.exp(-k * x) * sum
  }

export const gapsOf = (times: number[]): number[] => times.slice(1).map((t, i) => t - times[i]!)
