import { expect, test } from 'vitest'
import { blockInterval, movingBlocks, quantile } from '../../../analyzer/statistics/bootstrap.ts'
import { mean } from '../../../analyzer/statistics/permutation.ts'
import { randomOf } from '../../../analyzer/statistics/random.ts'

const deviation = (values: Float64Array): number => {
  const average = mean([...values])
  return Math.sqrt(mean([...values].map(value => (value - average) ** 2)))
}
const meanOf = ([values]: Float64Array[]): number => mean([...values!])
const medianOf = ([values]: Float64Array[]): number => quantile(values!.slice().sort(), 0.5)

// Efron and Tibshirani 1993, table 2.2: survival of the treated mice, blocks of one value.
const MICE = [94, 197, 16, 38, 99, 141, 23]

test.each([
  ['mean', meanOf, 23.36],
  ['median', medianOf, 37.83],
] as const)('the standard error of the %s is the published one', (_, statistic, published) => {
  const found = movingBlocks([MICE], statistic, { resamples: 20_000, blockLength: 1 })
  expect(deviation(found) / published).toBeGreaterThan(0.98)
  expect(deviation(found) / published).toBeLessThan(1.02)
})

test('what neighbours have in common widens the interval', () => {
  // x(t) = 0.9 x(t - 1) + e: the variance of the mean is (1 + 0.9) / (1 - 0.9) = 19 times that of independent values.
  const random = randomOf(3)
  let value = 0
  const series = Array.from({ length: 4000 }, () => {
    value = 0.9 * value + (random() - 0.5)
    return value
  })
  const width = (blockLength: number): number => {
    const { low, high } = blockInterval([series], meanOf, { blockLength, resamples: 500 })
    return high - low
  }
  expect(width(100) / width(1)).toBeGreaterThan(3.2)
  expect(width(100) / width(1)).toBeLessThan(5)
})

test('quantiles are numpy\u2019s', () => {
  expect(quantile(Float64Array.of(1, 2, 4), 0.5)).toBe(2)
  expect(quantile(Float64Array.of(1, 2, 4), 0.75)).toBe(3)
  expect(quantile(Float64Array.of(7), 0.99)).toBe(7)
})
