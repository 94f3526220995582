import { describe, expect, test } from 'vitest'
import { binomial, permutationTest, smallestP } from '../../../analyzer/statistics/permutation.ts'
import { randomOf } from '../../../analyzer/statistics/random.ts'

/** Ranks of two groups with a given Mann-Whitney U: `fresh` lies above `base` but for U pairs. */
function ranksWithU(n: number, u: number): [base: number[], fresh: number[]] {
  const base = Array.from({ length: n }, (_, i) => i + 1)
  const fresh = Array.from({ length: n }, (_, i) => n + i + 1)
  // A step of the highest of base past one of fresh adds one to U; whole rows first.
  let left = u
  for (let i = n - 1; left > 0; i--) {
    const steps = Math.min(left, n)
    base[i]! += steps
    for (let j = 0; j < steps; j++) fresh[j]!--
    left -= steps
  }
  return [base, fresh]
}

describe('over ranks it is the Mann-Whitney test: critical values of U, two-sided 5 %', () => {
  // Siegel 1956, table K; the same in every textbook: the largest U that is significant.
  test.each([
    [4, 0],
    [5, 2],
    [6, 5],
    [7, 8],
    [8, 13],
    [9, 17],
    [10, 23],
  ])('%i runs a side: U = %i', (n, critical) => {
    expect(permutationTest(...ranksWithU(n, critical)).p).toBeLessThanOrEqual(0.05)
    expect(permutationTest(...ranksWithU(n, critical + 1)).p).toBeGreaterThan(0.05)
  })

  // Mann and Whitney 1947, table I: P(U <= u), here two-sided.
  test.each([
    [4, 0, 0.014],
    [4, 3, 0.1],
    [5, 0, 0.004],
    [5, 2, 0.016],
    [5, 5, 0.075],
    [6, 5, 0.021],
  ])('of %i runs a side U = %i has half p = %d', (n, u, half) => {
    expect(permutationTest(...ranksWithU(n, u)).p / 2).toBeCloseTo(half, 3)
  })
})

test('three against two by hand', () => {
  // Of the 10 divisions the sum of two is greatest with {4, 8}: 12; then 3 + 8, 2 + 8, ...
  const found = permutationTest([1, 2, 3], [4, 8])
  expect(found.difference).toBe(4)
  expect(found.p).toBeCloseTo(0.2)
  expect(found.smallestP).toBeCloseTo(0.2)
  expect([found.low, found.high]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
})

test('equal groups show nothing', () => {
  expect(permutationTest([0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]).p).toBe(1)
  expect(permutationTest([7, 7, 7, 7], [7, 7, 7, 7])).toMatchObject({
    difference: 0,
    p: 1,
    low: 0,
    high: 0,
  })
})

test('the interval holds the shifts that the test does not reject, and no other', () => {
  const random = randomOf(5)
  for (let round = 0; round < 50; round++) {
    const nBase = 4 + Math.floor(3 * random())
    const base = Array.from({ length: nBase }, random)
    const fresh = Array.from({ length: 4 + Math.floor(3 * random()) }, () => random() + 0.3)
    const { low, high } = permutationTest(base, fresh)
    const pAt = (shift: number): number =>
      permutationTest(
        base,
        fresh.map(value => value - shift),
      ).p
    expect(pAt(low - 1e-6)).toBeLessThanOrEqual(0.05)
    expect(pAt(low + 1e-6)).toBeGreaterThan(0.05)
    expect(pAt(high - 1e-6)).toBeGreaterThan(0.05)
    expect(pAt(high + 1e-6)).toBeLessThanOrEqual(0.05)
  }
})

test('the smallest p is what groups that do not overlap have', () => {
  expect(smallestP(4, 4)).toBeCloseTo(2 / 70)
  expect(smallestP(5, 5)).toBeCloseTo(2 / 252)
  expect(permutationTest([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]).p).toBeCloseTo(2 / 252)
  expect(binomial(20, 10)).toBe(184_756)
})

test('more divisions than can be looked at are sampled, the same each time', () => {
  const base = Array.from({ length: 12 }, (_, i) => i)
  const fresh = base.map(value => value + 4)
  const found = permutationTest(base, fresh)
  expect(found.exact).toBe(false)
  expect(found).toEqual(permutationTest(base, fresh))
  // A normal approximation: difference 4, standard error 1.47 under the pooled spread of 4.1.
  expect(found.p).toBeGreaterThan(0.005)
  expect(found.p).toBeLessThan(0.025)
  expect(found.low).toBeGreaterThan(0.5)
  expect(found.high).toBeLessThan(7.5)
})
