/** What a report says of a metric. `sum` and `std` are null where there is nothing to add up to. */
export type Statistics = {
  n: number
  avg: number
  min: number
  max: number
  sum: number | null
  std: number | null
  percentile: (percent: number) => number
}

/**
 * Statistics of samples, in their own unit.
 *
 * Whole numbers are added exactly, as are their squares; others in ascending order. The standard deviation is the
 * population's.
 *
 * @param areWhole  whether they are; those of a metric that may be infinite are not
 * @param method    of percentiles, as numpy calls it
 */
export function statisticsOf(
  samples: number[],
  { areWhole, method }: { areWhole: boolean; method: 'linear' | 'nearest' },
): Statistics | null {
  if (samples.length === 0) return null
  const sorted = [...samples].sort((a, b) => a - b)
  const n = sorted.length
  const sum = areWhole ? exactSum(sorted) : orderedSum(sorted)
  return {
    n,
    avg: sum / n,
    min: sorted[0]!,
    max: sorted.at(-1)!,
    sum,
    std: areWhole ? exactDeviation(sorted) : welford(sorted),
    percentile: percent => METHODS[method](sorted, quantile(percent)),
  }
}

/** 99.9 is the number next to 0.999, not 99.9 / 100. */
const quantile = (percent: number): number => Number(`${percent}e-2`)

const METHODS: Record<'linear' | 'nearest', (sorted: number[], q: number) => number> = {
  /** numpy's default: at q (n - 1), between the two neighbours. */
  linear(sorted, q) {
    const position = q * (sorted.length - 1)
    const below = Math.floor(position)
    const fraction = position - below
    const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!]
    // The product with each: numpy's low + fraction (high - low) is the same but for the last two bits.
    return low * (1 - fraction) + high * fraction
  },
  /** The sample whose rank is next to q (n - 1); in the middle between two, the one of the even rank. */
  nearest(sorted, q) {
    const position = q * (sorted.length - 1)
    const below = Math.floor(position)
    const fraction = position - below
    const isUp = fraction > 0.5 || (fraction === 0.5 && below % 2 === 1)
    return sorted[isUp ? below + 1 : below]!
  },
}

const exactSum = (values: number[]): number =>
  Number(values.reduce((sum, value) => sum + BigInt(value), 0n))
const orderedSum = (ascending: number[]): number => ascending.reduce((sum, value) => sum + value, 0)

/** The deviation of ascending samples by Welford's recurrence (Technometrics 4, 1962); null where one is infinite. */
function welford(samples: number[]): number | null {
  if (samples.at(-1) === Number.POSITIVE_INFINITY) return null
  let mean = 0
  let squares = 0
  for (const [i, value] of samples.entries()) {
    const off = value - mean
    mean += off / (i + 1)
    squares += off * (value - mean)
  }
  return Math.sqrt(squares / samples.length)
}

/** sqrt(n Σ v² − (Σ v)²) / n: exact up to the root. */
function exactDeviation(values: number[]): number {
  const sum = values.reduce((sum, value) => sum + BigInt(value), 0n)
  const squares = values.reduce((sum, value) => sum + BigInt(value) ** 2n, 0n)
  return Math.sqrt(Number(BigInt(values.length) * squares - sum * sum)) / values.length
}

/** The quotient of two whole numbers of any size, rounded once to about 2^-60 and once to a double. */
export function ratio(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n) return -ratio(-numerator, denominator)
  const shift = Math.max(0, 64 + bits(denominator) - bits(numerator))
  const quotient = (numerator << BigInt(shift)) / denominator
  return Number(quotient) / 2 ** shift
}

const bits = (value: bigint): number => value.toString(2).length

/**
 * Statistics of steps, each weighted by how long it lasted; n counts them, and there is nothing to add up to.
 *
 * Values are added in ascending order, equal ones at once.
 */
export function timeWeightedStatistics(steps: Weighted[]): Statistics | null {
  if (steps.length === 0) return null
  const lasted = new Map<number, number>()
  for (const { value, ns } of steps) lasted.set(value, (lasted.get(value) ?? 0) + ns)
  const ascending = [...lasted].sort(([a], [b]) => a - b)
  const sum = (of: (value: number, ns: number) => number): number =>
    ascending.reduce((sum, [value, ns]) => sum + of(value, ns), 0)
  const whole = sum((_, ns) => ns)
  const avg = sum((value, ns) => value * ns) / whole
  return {
    n: steps.length,
    avg,
    min: ascending[0]![0],
    max: ascending.at(-1)![0],
    sum: null,
    std: Math.sqrt(sum((value, ns) => (value - avg) ** 2 * ns) / whole),
    percentile(percent) {
      let upTo = 0
      for (const [value, ns] of ascending) {
        upTo += ns
        // The least value that is not exceeded for this share of the time.
        if (upTo >= quantile(percent) * whole) return value
      }
      return ascending.at(-1)![0]
    },
  }
}

/** A value and how long it lasted. */
export type Weighted = { value: number; ns: number }
