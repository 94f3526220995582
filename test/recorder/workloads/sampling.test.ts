import { expect, test } from 'vitest'
import { sampler } from '../../../recorder/workloads/sampling.ts'

const entries = (how: Parameters<typeof sampler>[0], n: number, seed = 1, size = 4): number[] =>
  Array.from({ length: n }, (_, i) => sampler(how, size, seed)(i).entry)

test('sequential goes round', () => {
  expect(entries('sequential', 9)).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0])
  expect(sampler('sequential', 4, 1)(9).lap).toBe(2)
})

test('shuffle has every entry once a lap, in an order of its own, whatever was asked before', () => {
  const asked = entries('shuffle', 400, 3, 100)
  for (let lap = 0; lap < 4; lap++)
    expect(asked.slice(100 * lap, 100 * lap + 100).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    )
  expect(asked.slice(0, 100)).not.toEqual(asked.slice(100, 200))
  const one = sampler('shuffle', 100, 3)
  expect([399, 0, 150, 1].map(i => one(i).entry)).toEqual([399, 0, 150, 1].map(i => asked[i]))
  expect(entries('shuffle', 100, 4, 100)).not.toEqual(asked.slice(0, 100))
})

test('random draws with replacement, each equally often', () => {
  const counts = [0, 0, 0, 0]
  for (const entry of entries('random', 4000)) counts[entry]!++
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120)
})
