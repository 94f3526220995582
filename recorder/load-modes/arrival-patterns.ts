/**
 * Gaps of a process of unit rate: mean 1, drawn from a seeded stream.
 *
 * constant: no spread. poisson: exponential (Schroeder et al., "Open Versus Closed", NSDI 2006, on why
 * an open loop is what users are). gamma: shape k, coefficient of variation 1/√k, as vLLM's burstiness;
 * drawn by Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
 */
export const ARRIVAL_PATTERNS: Record<
  'constant' | 'poisson' | 'gamma',
  { summary: string; gap(random: () => number, smoothness: number): number }
> = {
  constant: { summary: 'evenly spaced', gap: () => 1 },
  poisson: { summary: 'independent, exponential gaps', gap: random => -Math.log(1 - random()) },
  gamma: {
    summary: 'gamma gaps of shape --arrival-smoothness',
    gap: (random, k) => gamma(random, k) / k,
  },
}

function gamma(random: () => number, k: number): number {
  if (k < 1) return gamma(random, k + 1) * (1 - random()) ** (1 / k)
  const d = k - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v
  }
}
