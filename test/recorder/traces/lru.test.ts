import { expect, test } from 'vitest'
import { Counts } from '../../../recorder/traces/counts.ts'
import { IdSet } from '../../../recorder/traces/id-set.ts'
import { LruStack } from '../../../recorder/traces/lru-stack.ts'
import { PrefixReuse } from '../../../recorder/traces/prefix-reuse.ts'
import { random } from '../../support/random.ts'
import { randomTrace } from './support.ts'

/** A cache as one would write it down: the block used last is at the end. */
function naiveHits(requests: { ids: number[]; tokens: number }[], size: number, block: number) {
  let cache: number[] = []
  let blocks = 0
  let tokens = 0
  for (const { ids, tokens: length } of requests) {
    for (const [i, id] of ids.entries()) {
      if (!cache.includes(id)) break
      blocks++
      if ((i + 1) * block <= length) tokens += block
    }
    for (const id of [...ids].reverse()) {
      cache = [...cache.filter(other => other !== id), id]
      if (cache.length > size) cache.shift()
    }
  }
  return { blocks, tokens }
}

test('every cache size has the hits of a cache that is simulated', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const next = random(seed)
    // Trees, and ids without any order, in which a prefix may be gone while its end is there.
    const requests =
      seed % 2 === 0
        ? randomTrace(next, 120).map(row => ({ ids: row.hash_ids, tokens: row.input_length }))
        : Array.from({ length: 120 }, () => {
            const ids = Array.from({ length: 1 + next() * 6 }, () => Math.floor(next() * 40))
            return { ids, tokens: ids.length * 512 - Math.floor(next() * 500) }
          })
    const sizes = [1, 2, 3, 5, 8, 13, 30, 100]
    const reuse = new PrefixReuse(sizes, 512)
    for (const { ids, tokens } of requests) reuse.add(ids, tokens)
    const nBlocks = requests.reduce((sum, { ids }) => sum + ids.length, 0)
    const nTokens = requests.reduce((sum, { tokens }) => sum + tokens, 0)
    const { caches } = reuse.result()
    for (const { blocks: size, hitRatio, tokenRatio } of caches) {
      const naive = naiveHits(requests, size, 512)
      expect([seed, size, hitRatio! * nBlocks]).toEqual([
        seed,
        size,
        expect.closeTo(naive.blocks, 6),
      ])
      expect(tokenRatio! * nTokens).toBeCloseTo(naive.tokens, 6)
    }
  }
})

test('hits checked by hand', () => {
  const reuse = new PrefixReuse([2, 3], 10)
  reuse.add([1, 2], 20) // nothing is there
  reuse.add([1, 2, 3], 25) // 1 and 2 are
  reuse.add([4], 10)
  reuse.add([1, 2, 3], 30) // of three blocks 4, 1, 2 are left; of two 4, 1
  expect(reuse.result()).toMatchObject({
    nBlocks: 9,
    nDistinct: 4,
    caches: [
      { blocks: 2, hitRatio: 3 / 9, tokenRatio: 30 / 85 },
      { blocks: 3, hitRatio: 4 / 9, tokenRatio: 40 / 85 },
      { blocks: Number.POSITIVE_INFINITY, hitRatio: 5 / 9, tokenRatio: 50 / 85 },
    ],
  })
})

test('ranks are those of a list, while slots are cleared away again and again', () => {
  const next = random(5)
  const stack = new LruStack()
  const list: number[] = []
  for (let i = 0; i < 30_000; i++) {
    const id = Math.floor(next() * next() * 300)
    const at = list.indexOf(id)
    expect(stack.rank(id)).toBe(at < 0 ? Number.POSITIVE_INFINITY : list.length - at)
    if (at >= 0) list.splice(at, 1)
    list.push(id)
    stack.use(id)
  }
  expect(stack.size).toBe(list.length)
  stack.keep(id => id % 2 === 0)
  expect(stack.size).toBe(list.filter(id => id % 2 === 0).length)
  expect(stack.rank(list.filter(id => id % 2 === 0).at(-1)!)).toBe(1)
})

test('beyond the blocks that are followed, hits are estimated within three points', () => {
  const rows = randomTrace(random(11), 20_000)
  const sizes = [100, 1000, 10_000]
  const exact = new PrefixReuse(sizes, 512)
  const bounded = new PrefixReuse(sizes, 512, 4000)
  for (const { hash_ids, input_length } of rows) {
    exact.add(hash_ids, input_length)
    bounded.add(hash_ids, input_length)
  }
  const [whole, part] = [exact.result(), bounded.result()]
  expect(whole.sampledRatio).toBe(1)
  expect(part.sampledRatio).toBeLessThan(0.25)
  expect(part.nDistinct).toBe(whole.nDistinct)
  for (const [i, { hitRatio, tokenRatio }] of whole.caches.entries()) {
    expect(Math.abs(part.caches[i]!.hitRatio! - hitRatio!)).toBeLessThan(0.03)
    expect(Math.abs(part.caches[i]!.tokenRatio! - tokenRatio!)).toBeLessThan(0.03)
  }
  expect(part.caches.at(-1)).toEqual(whole.caches.at(-1))
})

test('ids too sparse for a set give no depth, and an estimate of the infinite cache', () => {
  const reuse = new PrefixReuse([10], 16)
  for (let i = 0; i < 9000; i++) reuse.add([i * 65_536 + 7], 16)
  reuse.add([7], 16)
  const { nDistinct, depth, caches } = reuse.result()
  expect([nDistinct, depth]).toEqual([null, null])
  expect(caches.at(-1)!.hitRatio).toBeCloseTo(1 / 9001, 10)
})

test('a set of ids is a set', () => {
  const next = random(3)
  const [ours, theirs] = [new IdSet(), new Set<number>()]
  for (let i = 0; i < 5000; i++) {
    const id = Math.floor(next() ** 8 * 2 ** 32)
    expect(ours.has(id)).toBe(theirs.has(id))
    expect(ours.add(id)).toBe(!theirs.has(id))
    theirs.add(id)
  }
  expect(ours.size).toBe(theirs.size)
  expect(ours.add(2 ** 32 - 1)).toBe(true)
})

test('quantiles are those of the sorted list', () => {
  const next = random(9)
  for (let n = 1; n < 60; n += 7) {
    const values = Array.from({ length: n }, () => Math.floor(next() * 20))
    const counts = new Counts()
    for (const value of values) counts.add(value)
    const sorted = values.toSorted((a, b) => a - b)
    const quantiles = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1]
    expect(counts.quantiles(quantiles)).toEqual(
      quantiles.map(quantile => {
        const rank = quantile * (n - 1)
        const low = sorted[Math.floor(rank)]!
        const high = sorted[Math.ceil(rank)]!
        return expect.closeTo(low + (high - low) * (rank % 1), 9)
      }),
    )
  }
  expect(new Counts().quantiles([0.5])).toEqual([null])
})
