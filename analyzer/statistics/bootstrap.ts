import { randomOf } from './random.ts'

export type Interval = { low: number; high: number }
export type Resampling = {
  confidence?: number
  resamples?: number
  /** Successive values that stay together; default: the cube root of how many there are. */
  blockLength?: number
  seed?: number
}

/**
 * The moving-block bootstrap (Künsch 1989, Ann. Statist. 17): a statistic of series resampled in blocks of
 * successive values, so that what neighbours have in common stays.
 *
 * It covers the noise within the series. What would be another run's weather it cannot know.
 *
 * @param series  each resampled by itself, in the order in which it happened
 * @returns       the statistic of each resampling, ascending
 */
export function movingBlocks(
  series: readonly (readonly number[])[],
  statistic: (resampled: Float64Array[]) => number,
  { resamples = 1000, blockLength, seed = 1 }: Resampling = {},
): Float64Array {
  const random = randomOf(seed)
  const found = new Float64Array(resamples)
  for (let i = 0; i < resamples; i++)
    found[i] = statistic(
      series.map(values =>
        resampled(values, blockLength ?? Math.ceil(Math.cbrt(values.length)), random),
      ),
    )
  return found.sort()
}

/** The interval between the outer percentiles of resampled statistics (Efron's percentile method). */
export function blockInterval(
  series: readonly (readonly number[])[],
  statistic: (resampled: Float64Array[]) => number,
  options: Resampling = {},
): Interval {
  const found = movingBlocks(series, statistic, options)
  const beyond = (1 - (options.confidence ?? 0.95)) / 2
  return { low: quantile(found, beyond), high: quantile(found, 1 - beyond) }
}

function resampled(values: readonly number[], length: number, random: () => number): Float64Array {
  const drawn = new Float64Array(values.length)
  const starts = values.length - length + 1
  for (let at = 0; at < drawn.length; at += length) {
    const start = Math.floor(random() * starts)
    for (let i = 0; i < length && at + i < drawn.length; i++) drawn[at + i] = values[start + i]!
  }
  return drawn
}

/** Interpolated linearly, as numpy's default and the analyzer's percentiles; `sorted` is ascending. */
export function quantile(sorted: Float64Array, q: number): number {
  const place = (sorted.length - 1) * q
  const below = Math.floor(place)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (place - below) * (high - low)
}
