import { expect, test } from 'vitest'
import { normal, randomFor } from '../../recorder/random.ts'

const draws = (n: number, random: () => number): number[] => Array.from({ length: n }, random)

test('a stream is the same on every machine and in every version', () => {
  expect(draws(3, randomFor(0, 'prompt', 0))).toMatchInlineSnapshot(`
    [
      0.46824585320428014,
      0.295742139685899,
      0.47999022412113845,
    ]
  `)
  expect(draws(3, randomFor(42, 'isl', 7))).toMatchInlineSnapshot(`
    [
      0.7627781659830362,
      0.8847871364559978,
      0.8688294363673776,
    ]
  `)
  expect(normal(randomFor(1, 'osl', 2), 100, 10)).toMatchInlineSnapshot(`102.22443623425148`)
})

test('seed, purpose and index each make another stream, and the order of asking does not matter', () => {
  const first = randomFor(1, 'prompt', 5)()
  expect(new Set([first, randomFor(2, 'prompt', 5)(), randomFor(1, 'isl', 5)()]).size).toBe(3)
  randomFor(1, 'prompt', 4)()
  expect(randomFor(1, 'prompt', 5)()).toBe(first)
  // The three are kept apart: seed 1 and index 23 are not seed 12 and index 3.
  expect(randomFor(1, 'a', 23)()).not.toBe(randomFor(12, 'a', 3)())
})

test('numbers are even over [0, 1), along a stream and from stream to stream', () => {
  const along = draws(100_000, randomFor(3, 'prompt', 0))
  const across = Array.from({ length: 100_000 }, (_, index) => randomFor(3, 'prompt', index)())
  for (const sample of [along, across]) {
    const bins = new Array<number>(100).fill(0)
    for (const x of sample) bins[Math.floor(x * 100)]!++
    const chiSquared = bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)
    // 99 degrees of freedom: 148 is the one-in-a-thousand value on either side of 57.
    expect(chiSquared).toBeGreaterThan(57)
    expect(chiSquared).toBeLessThan(148)
    expect(Math.min(...sample.slice(0, 1e4))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...sample.slice(0, 1e4))).toBeLessThan(1)
  }
  const mean = 0.5
  const covariance = across
    .slice(1)
    .reduce((sum, x, i) => sum + (x - mean) * (across[i]! - mean), 0)
  expect(Math.abs((covariance / 1e5) * 12)).toBeLessThan(0.012)
})

test('normal draws have the mean and the deviation asked for', () => {
  const random = randomFor(1, 'isl', 0)
  const sample = draws(100_000, () => normal(random, 550, 50))
  const mean = sample.reduce((sum, x) => sum + x, 0) / sample.length
  const deviation = Math.sqrt(sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / sample.length)
  expect(mean).toBeCloseTo(550, 0)
  expect(deviation).toBeCloseTo(50, 0)
  expect(normal(random, 7, 0)).toBe(7)
})
