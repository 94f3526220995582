import { expect, test } from 'vitest'
import { type StepCost, stepMs } from '../../../simulator/engine/step-time.ts'

const COST: StepCost = {
  stepMs: 2,
  msPerSeq: 0.1,
  msPerSeqSquared: 0.01,
  msPerKilotoken: 0.5,
  prefillTokensPerSecond: 10_000,
  coldFactor: 2,
  coldMs: 100,
  noise: 0.1,
}
const warm = { ...COST, coldFactor: 0 }

test.each([
  // An empty batch of one: 2 + 0.1 + 0.01.
  [{ seqs: 1, prefillTokens: 0, contextTokens: 0 }, 2.11],
  // 2 + 1 + 1 + 0.5·4.
  [{ seqs: 10, prefillTokens: 0, contextTokens: 4000 }, 6],
  // A chunk of 500 tokens takes 50 ms more.
  [{ seqs: 1, prefillTokens: 500, contextTokens: 0 }, 52.11],
])('%o takes %d ms', (load, ms) => {
  expect(stepMs(warm, load, 0, 0)).toBeCloseTo(ms, 9)
})

test('a cold engine takes three times as long, and less with each step', () => {
  const load = { seqs: 10, prefillTokens: 0, contextTokens: 4000 }
  expect(stepMs(COST, load, 0, 0)).toBeCloseTo(18, 9)
  expect(stepMs(COST, load, 100, 0)).toBeCloseTo(6 * (1 + 2 / Math.E), 9)
  expect(stepMs({ ...COST, coldMs: 0 }, load, 0, 0)).toBeCloseTo(6, 9)
})

test('noise is a share of the time, and never takes more than half of it away', () => {
  const load = { seqs: 10, prefillTokens: 0, contextTokens: 4000 }
  expect(stepMs(warm, load, 0, 2)).toBeCloseTo(7.2, 9)
  expect(stepMs(warm, load, 0, -9)).toBeCloseTo(3, 9)
})
