import { expect, test } from 'vitest'
import { compareRuns } from '../../../analyzer/statistics/compare.ts'
import { pairedStatistics, promptRatios } from '../../../analyzer/statistics/paired.ts'
import { random } from '../../support/random.ts'

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

test('pairs that share their words are compared word for word, and words alone raise no alarm', () => {
  const ROUNDS = 5
  const TRIALS = 200
  /** Ten runs of an A/B recording: a length for each prompt, words for each round of it, noise for each run. */
  const recording = (seed: number, factor: number) => {
    const next = random(seed)
    const lengths = Array.from({ length: 40 }, (_, prompt) => 10 + 5 * prompt)
    const rounds = Array.from({ length: ROUNDS }, () =>
      lengths.map(length => length * (0.8 + 0.4 * next())),
    )
    const side = (by: number) =>
      rounds.map(words => words.map(value => value * by * (0.99 + 0.02 * next())))
    const [base, fresh] = [side(1), side(factor)]
    const logs = pairedStatistics([...base, ...fresh], undefined)
    const sides = { base: logs.slice(0, ROUNDS), fresh: logs.slice(ROUNDS) }
    return { base, fresh, comparison: compareRuns({ base: [1], fresh: [1] }, sides) }
  }
  const ps = Array.from({ length: TRIALS }, (_, i) => recording(i + 1, 1).comparison.p)
  expect(ps.filter(p => p <= 0.05).length).toBeLessThanOrEqual(0.05 * TRIALS)
  // The ratio is that of each prompt with the same words: what one round's words take falls out of it.
  const { base, fresh, comparison } = recording(1, 1.1)
  const same = base.flatMap((words, round) =>
    words.map((value, prompt) => Math.log(fresh[round]![prompt]! / value)),
  )
  const mean = same.reduce((sum, log) => sum + log, 0) / same.length
  expect(Math.log(comparison.ratio!)).toBeCloseTo(mean, 12)
})
