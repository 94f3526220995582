import { expect, test } from 'vitest'
import { mannKendall, theilSen } from '../../../analyzer/trend/drift.ts'
import { mserTruncation } from '../../../analyzer/trend/mser.ts'
import { median, noiseOf } from '../../../analyzer/trend/noise.ts'
import { piecesOf } from '../../../analyzer/trend/pieces.ts'
import { startOf, studentTails } from '../../../analyzer/trend/start.ts'
import { probabilityOfNoise } from '../../../analyzer/trend/stationary.ts'
import { trendOf } from '../../../analyzer/trend/trend.ts'
import { random } from '../../support/random.ts'

/** A normal value (Box and Muller). */
const normal = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())

type Kind = 'lognormal' | 'heavy' | 'correlated' | 'bimodal'

/** n batch means of stationary latencies, ms: noise of one kind. */
function noise(kind: Kind, n: number, next: () => number): number[] {
  let state = normal(next)
  return Array.from({ length: n }, () => {
    if (kind === 'correlated') state = 0.6 * state + 0.8 * normal(next)
    if (kind === 'heavy') return 50 * (1 - next()) ** -0.4
    if (kind === 'bimodal') return 50 * (next() < 0.2 ? 3 : 1) * Math.exp(0.05 * normal(next))
    return 50 * Math.exp(0.1 * (kind === 'correlated' ? state : normal(next)))
  })
}

test.each<Kind>(['lognormal', 'heavy', 'correlated', 'bimodal'])(
  'in stationary %s noise nothing is found, in 5 % of the seeds at most',
  kind => {
    const seeds = 200
    let alarms = 0
    for (let seed = 1; seed <= seeds; seed++)
      if (trendOf(noise(kind, 100, random(seed)), 'lower', 0.05).findings.length > 0) alarms++
    expect(alarms).toBeLessThanOrEqual(0.05 * seeds)
  },
)

/** Means of five. */
function batched(kind: Kind, n: number, next: () => number): number[] {
  const all = noise(kind, 5 * n, next)
  return Array.from(
    { length: n },
    (_, i) => all.slice(5 * i, 5 * i + 5).reduce((sum, value) => sum + value, 0) / 5,
  )
}

test.each<Kind>(['lognormal', 'heavy', 'bimodal'])(
  'in a few values of stationary %s noise neither',
  kind => {
    for (const n of [6, 10, 25, 40]) {
      const seeds = 100
      let alarms = 0
      for (let seed = 1; seed <= seeds; seed++)
        if (trendOf(batched(kind, n, random(seed)), 'lower', 0.02).findings.length > 0) alarms++
      expect(alarms).toBeLessThanOrEqual(0.05 * seeds)
    }
  },
)

test('a cold start of one of ten batches is found by its size', () => {
  let times = 0
  for (let seed = 1; seed <= 20; seed++) {
    const next = random(seed)
    const values = Array.from(
      { length: 10 },
      (_, t) => 50 * (t === 0 ? 1.41 : 1) * Math.exp(0.03 * normal(next)),
    )
    const { findings, steady } = trendOf(values, 'lower', 0.004)
    if (findings.length === 0) continue
    times++
    expect(findings).toMatchObject([{ kind: 'cold start', from: 0 }])
    expect(Math.abs(findings[0]!.effect - 0.41)).toBeLessThan(0.15)
    expect(steady!.from).toBeLessThanOrEqual(2)
  }
  expect(times).toBeGreaterThanOrEqual(19)
})

test("Student's t: tables", () => {
  expect(studentTails(2.306, 8)).toBeCloseTo(0.05, 4)
  expect(studentTails(12.706, 1)).toBeCloseTo(0.05, 4)
  expect(studentTails(3.169, 10)).toBeCloseTo(0.01, 4)
  // 10 against 1 ± 0.1: the first; two of them: both.
  expect(startOf([10, 1, 1.1, 0.9, 1, 1.1, 0.9], 0.001, 0.01)).toBe(1)
  expect(startOf([10, 10, 1.1, 0.9, 1, 1.1, 0.9], 0.001, 0.01)).toBe(2)
  expect(startOf([1, 1.1, 0.9, 1, 1.1, 0.9], 0.001, 0.01)).toBe(0)
})

/** How often of 20 seeds the planted thing is found alone, and what it says. */
function found(plant: (t: number) => number, better: 'lower' | 'higher' = 'lower') {
  return Array.from({ length: 20 }, (_, seed) => {
    const values = noise('lognormal', 100, random(seed + 1)).map((v, t) => v * plant(t))
    return trendOf(values, better, 0.01)
  })
}

test('a planted cold start is found, with its length and effect', () => {
  for (const { findings, steady } of found(t => (t < 10 ? 1.41 : 1))) {
    expect(findings).toMatchObject([{ kind: 'cold start', from: 0 }])
    expect(findings[0]!.effect).toBeGreaterThan(0.25)
    expect(findings[0]!.effect).toBeLessThan(0.57)
    expect(steady!.from).toBeGreaterThanOrEqual(6)
    expect(steady!.from).toBeLessThanOrEqual(20)
    expect(steady!.to).toBe(100)
  }
})

test('a planted step is found where it is', () => {
  for (const { findings, steady } of found(t => (t < 60 ? 1 : 1.3))) {
    expect(findings).toMatchObject([{ kind: 'step', to: 100 }])
    expect(Math.abs(findings[0]!.from - 60)).toBeLessThanOrEqual(4)
    expect(Math.abs(findings[0]!.effect - 0.3)).toBeLessThan(0.12)
    expect(steady).toMatchObject({ from: 0 })
  }
})

test('a planted drift is found as one, not as steps, and nothing is steady', () => {
  for (const { findings, steady } of found(t => Math.exp((0.5 * t) / 99))) {
    expect(findings).toMatchObject([{ kind: 'drift' }])
    expect(Math.abs(findings[0]!.effect - Math.expm1(0.5))).toBeLessThan(0.25)
    expect(steady).toBeUndefined()
  }
})

test('a start that fades is a cold start, not a drift', () => {
  for (const { findings } of found(t => 1 + 2 * Math.exp(-t / 8))) {
    expect(findings[0]).toMatchObject({ kind: 'cold start', from: 0 })
    expect(findings.filter(({ kind }) => kind === 'drift')).toEqual([])
  }
  // Without noise it is seen to go on fading: what is left of it is a drift, and nothing is steady.
  const exact = Array.from({ length: 60 }, (_, t) => 3 * (1 + 2 * Math.exp(-t / 12)))
  const { findings, steady } = trendOf(exact, 'lower', 0.004)
  expect(findings.map(({ kind }) => kind)).toEqual(['cold start', 'drift'])
  expect(steady).toBeUndefined()
})

test('throughput that starts low is a ramp-up', () => {
  for (const { findings } of found(t => (t < 8 ? 0.4 : 1), 'higher'))
    expect(findings).toMatchObject([{ kind: 'ramp-up', from: 0 }])
})

test('what is certain and small is not named', () => {
  const values = Array.from({ length: 100 }, (_, t) => (t < 50 ? 100 : 101))
  expect(trendOf(values, 'lower', 0.05)).toEqual({ findings: [], steady: { from: 0, to: 100 } })
})

test('values that never change, and zeros, are steady', () => {
  for (const value of [0, 7])
    expect(trendOf(Array(40).fill(value), 'lower', 0.05).findings).toEqual([])
})

test('Mann and Kendall, Theil and Sen: by hand', () => {
  // 5 values in order: S = 10, variance 5·4·15/18 = 16.67, z = 9/4.082 = 2.2045, p = 0.0275.
  expect(mannKendall([1, 2, 3, 4, 5])).toBeCloseTo(0.0275, 4)
  expect(mannKendall([1, 1, 1, 1])).toBe(1)
  expect(theilSen([1, 2, 3, 100, 5])).toBe(1) // of the ten slopes six are 1, one is below
})

test('MSER leaves out the transient', () => {
  expect(mserTruncation([9, 9, 1, 1, 1, 1, 1, 1])).toBe(2)
  expect(mserTruncation([1, 2, 1, 2, 1, 2, 1, 2])).toBe(0)
})

test('optimal partitioning: a step in exact values, a line in exact values', () => {
  const step = [...Array(10).fill(0), ...Array(10).fill(1)]
  expect(piecesOf(step, 0.1, 2)).toEqual([
    { from: 0, to: 10, flat: true },
    { from: 10, to: 20, flat: true },
  ])
  const line = Array.from({ length: 20 }, (_, t) => t / 10)
  expect(piecesOf(line, 0.1, 2)).toEqual([{ from: 0, to: 20, flat: false }])
})

test('autocorrelation is estimated and taken out', () => {
  const next = random(3)
  let state = 0
  const series = Array.from({ length: 4000 }, () => {
    state = 0.6 * state + normal(next)
    return state
  })
  const { phi, sigma } = noiseOf(series)
  expect(Math.abs(phi - 0.6)).toBeLessThan(0.06)
  expect(Math.abs(sigma - 1)).toBeLessThan(0.06)
  expect(median([3, 1, 2, 10])).toBe(2.5)
})

test('the permutation test: all low values before all high ones', () => {
  const steps = [...Array(10).fill(0), ...Array(10).fill(1)].map((v, i) => v + (i % 3) / 100)
  expect(probabilityOfNoise(steps, 2)).toBe(0.001) // none of 1,999 orders is so ordered
  expect(probabilityOfNoise([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2], 2)).toBeGreaterThan(0.5)
})
