import { expect, test } from 'vitest'
import { compareRuns, judgeTogether } from '../../../analyzer/statistics/compare.ts'
import { permutationTest } from '../../../analyzer/statistics/permutation.ts'
import { stepDown } from '../../../analyzer/statistics/step-down.ts'
import { random } from '../../support/random.ts'

test('one statistic alone has the p of its own test', () => {
  const next = random(3)
  for (let trial = 0; trial < 50; trial++) {
    const base = Array.from({ length: 5 }, next)
    const fresh = Array.from({ length: 5 }, () => next() + 0.3)
    expect(stepDown([[...base, ...fresh]], 5)[0]).toBeCloseTo(permutationTest(base, fresh).p, 12)
  }
})

test('three against three by hand', () => {
  // The second statistic is complete: only its own division and the mirrored one are as far out, 2 of 20.
  // The first differs less; of the 20 divisions those count in which either is as far out as it is.
  const [mixed, apart] = stepDown(
    [
      [1, 2, 4, 3, 5, 6],
      [1, 2, 3, 11, 12, 13],
    ],
    3,
  )
  expect(apart).toBeCloseTo(2 / 20, 12)
  // Once the second is called changed, the first stands by itself: sums of 14 and more of 21, or 7 and less.
  expect(mixed).toBeCloseTo(permutationTest([1, 2, 4], [3, 5, 6]).p, 12)
})

test('a statistic that is there twice costs nothing', () => {
  const values = [10, 11, 12, 10.5, 11.6, 12.2, 13, 12.4, 11.8, 12.9]
  const alone = stepDown([values], 5)[0]!
  const twice = values.map(value => 3 * value - 7)
  for (const p of stepDown([values, twice, values], 5)) expect(p).toBeCloseTo(alone, 12)
})

test('what does not vary is no difference, and one not looked at with others costs them nothing', () => {
  expect(stepDown([[7, 7, 7, 7, 7, 7, 7, 7]], 4)).toEqual([1])
  const sure = [1, 2, 3, 4, 11, 12, 13, 14]
  expect(stepDown([sure, [7, 7, 7, 7, 7, 7, 7, 7]], 4)[0]).toBeCloseTo(2 / 70, 12)
})

test('the order of the statistics, their units and which side is called base do not matter', () => {
  const next = random(9)
  const rows = Array.from({ length: 6 }, () => Array.from({ length: 10 }, next))
  const straight = stepDown(rows, 5)
  expect(stepDown(rows.toReversed(), 5)).toEqual(straight.toReversed())
  const scaled = stepDown(
    rows.map(row => row.map(value => 1e6 * value + 4)),
    5,
  )
  const turned = stepDown(
    rows.map(row => [...row.slice(5), ...row.slice(0, 5)]),
    5,
  )
  for (const [i, p] of straight.entries()) {
    expect(scaled[i]).toBeCloseTo(p, 12)
    expect(turned[i]).toBeCloseTo(p, 12)
  }
})

test('12 against 12 are sampled, and agree with what is known', () => {
  const next = random(5)
  const base = Array.from({ length: 12 }, next)
  const fresh = Array.from({ length: 12 }, () => next() + 0.25)
  const [p] = stepDown([[...base, ...fresh]], 12)
  expect(p).toBeGreaterThan(0)
  expect(p).toBeCloseTo(permutationTest(base, fresh).p, 2)
})

test.each([
  ['independent', 0],
  ['alike', 0.95],
])('of seven statistics that are %s at most 5 in 100 comparisons call one changed', (_, shared) => {
  const next = random(11)
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const TRIALS = 600
  let [alarms, found] = [0, 0]
  for (let trial = 0; trial < TRIALS; trial++) {
    const runs = Array.from({ length: 10 }, () => {
      const common = gauss()
      return Array.from({ length: 7 }, () =>
        Math.exp(0.1 * (shared * common + Math.sqrt(1 - shared ** 2) * gauss())),
      )
    })
    // The first of them is slower by far: the others are still not called so.
    const changed = (slower: number) =>
      judgeTogether(
        Array.from({ length: 7 }, (_, i) => ({
          ...compareRuns({
            base: runs.slice(0, 5).map(run => run[i]!),
            fresh: runs.slice(5).map(run => run[i]! * (i === 0 ? slower : 1)),
          }),
          better: 'lower' as const,
        })),
        0,
      ).map(({ change }) => change === 'worse' || change === 'better')
    if (changed(1).includes(true)) alarms++
    const [first, ...others] = changed(2)
    if (first) found++
    if (others.includes(true)) alarms++
  }
  // Two looks a trial; 2.6 standard deviations above 5 %.
  expect(alarms / (2 * TRIALS)).toBeLessThanOrEqual(0.05 + 2.6 * Math.sqrt((0.05 * 0.95) / TRIALS))
  expect(found).toBe(TRIALS)
})
