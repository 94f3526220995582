import { expect, test } from 'vitest'
import { compareRuns, judgeTogether } from '../../../analyzer/statistics/compare.ts'
import { neighboursAlike } from '../../../analyzer/statistics/neighbours.ts'
import { deviationOfLonger, noiseOf } from '../../../analyzer/statistics/noise.ts'
import { leastFound, powerOf, runsToFind } from '../../../analyzer/statistics/power.ts'
import { random } from '../../support/random.ts'

const gaussOf = (next: () => number) => (): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())

/** Logarithms of a statistic whose deviation is exactly as told. */
function equalRuns(n: number, deviation: number, seed: number): number[] {
  const gauss = gaussOf(random(seed))
  const drawn = Array.from({ length: n }, gauss)
  const mean = drawn.reduce((sum, value) => sum + value, 0) / n
  const found = Math.sqrt(drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1))
  return drawn.map(value => 5 + ((value - mean) * deviation) / found)
}

test.each([4, 5, 7])('%i runs a side find what the permutation test finds', runsASide => {
  const power = powerOf([equalRuns(10, 0.05, 1)], runsASide)
  const gauss = gaussOf(random(2))
  const TRIALS = 1500
  for (const slowDown of [0.06, 0.1]) {
    let found = 0
    for (let trial = 0; trial < TRIALS; trial++) {
      const side = (by: number) =>
        Array.from({ length: runsASide }, () => by * Math.exp(0.05 * gauss()))
      const comparison = compareRuns({ base: side(1), fresh: side(1 + slowDown) })
      const [judged] = judgeTogether([{ ...comparison, better: 'lower' }], 0.03)
      if (judged!.change === 'worse') found++
    }
    const said = power.finds(0, Math.log(1 + slowDown), Math.log(1.03))
    expect(Math.abs(said - found / TRIALS)).toBeLessThan(0.06)
  }
})

test('runs to see a change are those of the textbook', () => {
  // Two-sided t test at 5 %, power 90 %, an effect of 1.4 deviations: 12 a side (Cohen 1988, table 2.4.1: 1.4 takes 12).
  const logs = [equalRuns(10, 0.05, 3)]
  const powerAt = (n: number) => powerOf(logs, n)
  expect(runsToFind(powerAt, power => power.finds(0, 0.07, 0))).toBeGreaterThanOrEqual(11)
  expect(runsToFind(powerAt, power => power.finds(0, 0.07, 0))).toBeLessThanOrEqual(13)
  // Half the deviation takes as many as twice the effect does.
  const twice = runsToFind(powerAt, power => power.finds(0, 0.14, 0))
  expect(runsToFind(powerAt, power => power.finds(0, 0.07, 0, 0.5))).toBe(twice)
  // What the tolerance allows is never found.
  expect(runsToFind(powerAt, power => power.finds(0, 0.02, 0.03))).toBeUndefined()
})

test('the least that is found is what 9 in 10 find, and more statistics take more', () => {
  const logs = Array.from({ length: 8 }, (_, i) => equalRuns(12, 0.05, 10 + i))
  const leastOf = (rows: number[][]) => {
    const power = powerOf(rows, 6)
    return leastFound(log => power.finds(0, log, 0))!
  }
  const alone = leastOf(logs.slice(0, 1))
  expect(powerOf(logs.slice(0, 1), 6).finds(0, Math.log(1 + alone), 0)).toBeCloseTo(0.9, 1)
  expect(leastOf(logs)).toBeGreaterThan(1.1 * alone)
  // Statistics that are one and the same take no more.
  expect(leastOf([logs[0]!, logs[0]!, logs[0]!])).toBeCloseTo(alone, 6)
  expect(leastFound(() => 0.5)).toBeUndefined()
})

test('halves of the runs tell what longer runs would leave', () => {
  const gauss = gaussOf(random(7))
  const [between, within] = [0.03, 0.04]
  // So many runs that the estimate is no matter of luck.
  const runs = Array.from({ length: 4000 }, () => {
    const day = between * gauss()
    const half = (): number => day + within * Math.SQRT2 * gauss()
    return [half(), half()] as const
  })
  const noise = noiseOf(
    runs.map(([first, second]) => (first + second) / 2),
    // The second half was asked other prompts.
    runs.map(([first, second]) => [first, second + 3] as const),
  )
  expect(noise.deviation).toBeCloseTo(0.05, 2)
  expect(noise.betweenRuns).toBeCloseTo(between, 2)
  expect(deviationOfLonger(noise, 4)).toBeCloseTo(Math.hypot(between, within / 2), 2)
  expect(deviationOfLonger(noiseOf([1, 2, 3]), 4)).toBeNull()
})

test('ten runs leave the deviation open by as much as chi-squared says', () => {
  // chi-squared of 9 degrees of freedom: 4.168 and 14.684 at 10 and 90 %.
  const { deviation, low, high } = noiseOf(equalRuns(10, 0.05, 5))
  expect(low / deviation).toBeCloseTo(Math.sqrt(9 / 14.684), 2)
  expect(high / deviation).toBeCloseTo(Math.sqrt(9 / 4.168), 2)
})

test('neighbours that are alike are told from any order', () => {
  expect(neighboursAlike([1, 2, 3, 4, 5, 6, 7, 8])).toBeLessThan(0.005)
  expect(neighboursAlike([1, 8, 2, 7, 3, 6, 4, 5])).toBeGreaterThan(0.5)
  expect(neighboursAlike([3, 3, 3])).toBe(1)
  const next = random(4)
  const alarms = Array.from({ length: 300 }, () =>
    neighboursAlike(Array.from({ length: 10 }, next)),
  ).filter(p => p <= 0.05).length
  expect(alarms).toBeLessThanOrEqual(300 * 0.05 + 2.6 * Math.sqrt(300 * 0.05 * 0.95))
})
