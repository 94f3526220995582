import { expect, test } from 'vitest'
import { holm } from '../../../analyzer/statistics/holm.ts'

test("Holm's correction of four tests, by hand", () => {
  // 4 x 0.005, 3 x 0.01, 2 x 0.03, then not less than what came before.
  const adjusted = holm([0.01, 0.04, 0.03, 0.005])
  for (const [i, p] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[i]).toBeCloseTo(p, 12)
})

test("R's example: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), 'holm')", () => {
  const adjusted = holm([0.01, 0.02, 0.03, 0.04, 0.05])
  for (const [i, p] of [0.05, 0.08, 0.09, 0.09, 0.09].entries())
    expect(adjusted[i]).toBeCloseTo(p, 12)
})

test('one test stays as it is, and none is none; nothing is above 1', () => {
  expect(holm([0.03])).toEqual([0.03])
  expect(holm([])).toEqual([])
  expect(holm([0.6, 0.7])).toEqual([1, 1])
})
