import { expect, test } from 'vitest'
import { pairedStatistics, promptRatios } from '../../../analyzer/statistics/paired.ts'

test('what prompts do to every run alike falls out', () => {
  // Prompts of very different lengths; the third run is slower by a tenth, each prompt of it.
  const [one, two, three] = pairedStatistics(
    [
      [10, 200, 3000],
      [10, 200, 3000],
      [11, 220, 3300],
    ],
    undefined,
  )
  expect(one).toBeCloseTo(two!, 12)
  expect(three! - one!).toBeCloseTo(Math.log(1.1), 12)
})

test('a percentile is judged by the prompts near it', () => {
  const prompts = Array.from({ length: 100 }, (_, i) => i + 1)
  // Only the slowest 6 of 100 are slower.
  const slower = prompts.map(value => (value > 94 ? value * 1.2 : value))
  const difference = (quantile: number): number => {
    const [base, fresh] = pairedStatistics([prompts, slower], quantile)
    return Math.exp(fresh! - base!)
  }
  expect(difference(0.99)).toBeCloseTo(1.2, 12)
  expect(difference(0.5)).toBe(1)
  expect(promptRatios([prompts], [slower], 0.99)).toHaveLength(6)
  expect(promptRatios([prompts], [slower], 0.5)).toHaveLength(10)
})

test('which run is of which side does not decide which prompts count', () => {
  const runs = [
    [1, 5, 9, 2],
    [2, 6, 8, 3],
    [1, 4, 9, 5],
  ]
  const straight = pairedStatistics(runs, 0.9)
  expect(pairedStatistics([runs[2]!, runs[0]!, runs[1]!], 0.9)).toEqual([
    straight[2],
    straight[0],
    straight[1],
  ])
})

test('per-prompt ratios are in the order of the prompts', () => {
  const ratios = promptRatios(
    [
      [1, 2],
      [1, 2],
    ],
    [
      [2, 2],
      [2, 8],
    ],
    undefined,
  )
  expect(ratios.map(Math.exp)).toEqual([expect.closeTo(2), expect.closeTo(2)])
})
