import { describe, expect, test } from 'vitest'
import type { LoadPlan } from '../../../recorder/load-modes/load-mode.ts'
import { newBudgets, partOf, stopOf, takeFrom } from '../../../recorder/scheduler/stop.ts'

const ALONE = { index: 0, of: 1 }
const stop = (part: Partial<LoadPlan['stop']>, shard = ALONE) =>
  stopOf({ stop: { requests: null, sessions: null, durationNs: null, ...part }, graceNs: 5 }, shard)

describe('a session begins', () => {
  test.each([
    [stop({ sessions: 3 }), 2, null, true, true],
    [stop({ sessions: 3 }), 3, null, true, false],
    [stop({ requests: 3 }), 2, null, false, true],
    [stop({ requests: 3 }), 3, null, false, false],
    // Where sessions have several turns, requests are counted as they are made.
    [stop({ requests: 3 }), 7, null, true, true],
    [stop({ durationNs: 10 }), 9, 9, false, true],
    [stop({ durationNs: 10 }), 9, 10, false, false],
    [stop({}), 1e9, 1e18, false, true],
  ] as const)('%#', (under, index, dueNs, manyTurns, begins) => {
    expect(under.begins(index, dueNs, manyTurns)).toBe(begins)
  })
})

test('a number of requests is a cap over all shards', () => {
  const shares = [0, 1, 2].map(index => stop({ requests: 20 }, { index, of: 3 }).requests)
  expect(shares).toEqual([7, 7, 6])
})

test('a budget is taken from one by one, each phase its own, and stays used up', () => {
  const load = (requests: number | null) => ({
    load: { stop: { requests, sessions: null, durationNs: null } } as LoadPlan,
  })
  const budgets = newBudgets([load(2), load(null)], ALONE)
  const taken = Array.from({ length: 5 }, () => takeFrom(budgets, 0))
  expect(taken).toEqual([true, true, false, false, false])
  expect(takeFrom(budgets, 1)).toBe(true)
})

test('shares of numbers add up', () => {
  for (const count of [0, 1, 7, 100])
    for (const of of [1, 2, 3, 7]) {
      const parts = Array.from({ length: of }, (_, i) => partOf(count, i, of))
      expect(parts.reduce((sum, n) => sum + n)).toBe(count)
    }
})

test('a phase closes after its time, and waits for its grace after that', () => {
  const timed = stop({ durationNs: 10 })
  expect([timed.closesNs(100), timed.abortsNs(100)]).toEqual([110, 115])
  const endless = stop({})
  expect([endless.closesNs(100), endless.abortsNs(100)]).toEqual([Infinity, Infinity])
})
