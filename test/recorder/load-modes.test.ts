import { describe, expect, test } from 'vitest'
import type { ModeOf } from '../../recorder/load-modes/load-mode.ts'
import { openLoop } from '../../recorder/load-modes/open-loop.ts'
import { timeOfCount } from '../../recorder/load-modes/rate-profile.ts'
import { userCentric } from '../../recorder/load-modes/user-centric.ts'
import type { Workload } from '../../recorder/workloads/workload.ts'
import { distance, erlang, exponential, gapsOf, limitOf } from '../support/distance.ts'

type OpenLoop = ModeOf<'open-loop'>
const rated = (part: Partial<OpenLoop> = {}): OpenLoop => ({
  kind: 'open-loop',
  rate: [{ atNs: 0, perS: 20 }],
  arrivalPattern: 'constant',
  arrivalSmoothness: 1,
  ...part,
})
const dues = (plan: OpenLoop, n: number, seed = 1): number[] => {
  const { session } = openLoop(plan, { seed, phase: 'profiling' })
  return Array.from({ length: n }, (_, i) => session(i)!.dueNs!)
}
const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
const cv = (values: number[]): number => {
  const m = mean(values)
  return Math.sqrt(mean(values.map(v => (v - m) ** 2))) / m
}

test.each([
  [0, 0],
  [1, 50e6],
  [40, 2000e6],
  [100_000, 5_000_000e6],
])('constant at 20/s: session %i is due at %i ns, without drift', (index, ns) => {
  expect(openLoop(rated(), { seed: 1, phase: 'p' }).session(index)!.dueNs).toBe(ns)
})

test('poisson gaps are exponential and independent', () => {
  const gaps = gapsOf(
    dues(rated({ arrivalPattern: 'poisson', rate: [{ atNs: 0, perS: 100 }] }), 20_001),
  ).map(ns => ns / 1e7)
  expect(mean(gaps)).toBeCloseTo(1, 1)
  expect(distance(gaps, exponential)).toBeLessThan(limitOf(20_000))
  const lag1 = mean(gaps.slice(1).map((g, i) => (g - 1) * (gaps[i]! - 1)))
  expect(Math.abs(lag1)).toBeLessThan(3.3 / Math.sqrt(20_000))
})

test.each([
  [0.25, 2],
  [1, 1],
  [4, 0.5],
  [100, 0.1],
])('gamma of smoothness %f has a coefficient of variation of %f', (arrivalSmoothness, expected) => {
  const gaps = gapsOf(dues(rated({ arrivalPattern: 'gamma', arrivalSmoothness }), 20_001))
  expect(mean(gaps) / 5e7).toBeGreaterThan(0.94)
  expect(mean(gaps) / 5e7).toBeLessThan(1.06)
  expect(cv(gaps) / expected).toBeGreaterThan(0.93)
  expect(cv(gaps) / expected).toBeLessThan(1.07)
})

test.each([1, 2, 4, 9])('gamma gaps of smoothness %i are of that distribution', k => {
  const plan = rated({ arrivalPattern: 'gamma', arrivalSmoothness: k })
  const gaps = gapsOf(dues(plan, 20_001)).map(ns => ns / 5e7)
  expect(distance(gaps, erlang(k))).toBeLessThan(limitOf(20_000))
})

test('the same seed gives the same schedule, another seed another', () => {
  const plan = rated({ arrivalPattern: 'poisson' })
  expect(dues(plan, 50)).toEqual(dues(plan, 50))
  expect(dues(plan, 50, 2)).not.toEqual(dues(plan, 50))
})

describe('rate profiles', () => {
  const ramp = [
    { atNs: 0, perS: 0 },
    { atNs: 10e9, perS: 100 },
  ]
  test.each([
    [0, 0],
    [125, 5e9],
    [500, 10e9],
    [600, 11e9],
  ])('a ramp from 0 to 100/s over 10 s has %i arrivals by %i ns', (count, ns) => {
    expect(timeOfCount(ramp, count)).toBeCloseTo(ns, 0)
  })
  test('a pause in a series is a pause', () => {
    const series = [
      { atNs: 0, perS: 10 },
      { atNs: 1e9, perS: 10 },
      { atNs: 1e9, perS: 0 },
      { atNs: 3e9, perS: 0 },
      { atNs: 3e9, perS: 10 },
    ]
    expect(timeOfCount(series, 10)).toBeCloseTo(1e9, 0)
    expect(timeOfCount(series, 11)).toBeCloseTo(3.1e9, 0)
  })
  test('arrivals that never come are never due', () => {
    expect(
      timeOfCount(
        [
          { atNs: 0, perS: 10 },
          { atNs: 1e9, perS: 0 },
        ],
        6,
      ),
    ).toBe(Number.POSITIVE_INFINITY)
  })
})

test('user-centric load is steady from the first second', () => {
  const turns = 20
  const workload = { session: () => ({ turns: Array(turns) }) } as unknown as Workload
  const { session } = userCentric({ kind: 'user-centric', ratePerS: 10, users: 15 }, { workload })
  // Every turn of every user, as an open loop sends them: 10 a second, from the start.
  const sends: number[] = []
  for (let i = 0; i < 400; i++) {
    const { dueNs, turnsDone } = session(i)!
    for (let turn = turnsDone; turn < turns; turn++) sends.push(dueNs! + (turn - turnsDone) * 1.5e9)
  }
  sends.sort((a, b) => a - b)
  const perSecond = Array.from(
    { length: 60 },
    (_, s) => sends.filter(ns => ns >= s * 1e9 && ns < (s + 1) * 1e9).length,
  )
  expect(perSecond).toEqual(Array(60).fill(10))
  const replaced = Array.from({ length: 200 }, (_, i) => session(i + 15)!.dueNs!)
  expect(Math.max(...gapsOf(replaced))).toBeLessThan(6e9)
})
