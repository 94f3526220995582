import { expect, test } from 'vitest'
import { blockPool } from '../../../simulator/engine/block-pool.ts'
import { random } from '../../support/random.ts'

test('the block that has been free for longest goes first, a sequence from its end', () => {
  const pool = blockPool(4)
  const [a, b, c] = [pool.take(), pool.take(), pool.take()]
  expect([a, b, c]).toEqual([0, 1, 2])
  pool.free([a, b, c])
  expect([pool.take(), pool.take(), pool.take(), pool.take()]).toEqual([3, 2, 1, 0])
  expect(pool.nFree()).toBe(0)
})

test('a freed block is found by its hash until it is handed out anew', () => {
  const pool = blockPool(2)
  const blocks = [pool.take(), pool.take()]
  pool.name(blocks[0]!, 71)
  pool.name(blocks[1]!, 72)
  pool.free(blocks)
  expect(pool.found(Float64Array.of(71, 72, 73), 9)).toEqual(blocks)
  expect(pool.found(Float64Array.of(71, 72), 1)).toEqual([blocks[0]])
  expect(pool.found(Float64Array.of(72), 9)).toEqual([blocks[1]])
  expect(pool.take()).toBe(blocks[1])
  expect(pool.found(Float64Array.of(71, 72), 9)).toEqual([blocks[0]])
})

test('a shared block is free when its last user is gone', () => {
  const pool = blockPool(3)
  const block = pool.take()
  pool.name(block, 5)
  pool.share([block])
  pool.free([block])
  expect(pool.nFree()).toBe(2)
  expect(pool.freeAmong([block])).toBe(0)
  pool.free([block])
  expect(pool.nFree()).toBe(3)
  expect(pool.freeAmong([block])).toBe(1)
  pool.share([block])
  expect([pool.nFree(), pool.users(block)]).toEqual([2, 1])
})

test('the same content is named once', () => {
  const pool = blockPool(2)
  const [a, b] = [pool.take(), pool.take()]
  pool.name(a, 5)
  pool.name(b, 5)
  expect([pool.nCached(), pool.found(Float64Array.of(5), 9)]).toEqual([1, [a]])
})

test('whatever happens, blocks are conserved and none is in two hands', () => {
  for (let seed = 0; seed < 20; seed++) {
    const next = random(seed)
    const pool = blockPool(30)
    const held: number[][] = []
    for (let i = 0; i < 500; i++) {
      if (next() < 0.5 && pool.nFree() > 0) {
        const hash = Math.floor(next() * 40)
        const hit = pool.found(Float64Array.of(hash), 1)
        if (hit.length > 0) {
          pool.share(hit)
          held.push(hit)
        } else {
          const block = pool.take()
          expect(held.flat()).not.toContain(block)
          pool.name(block, hash)
          held.push([block])
        }
      } else if (held.length > 0) pool.free(held.splice(Math.floor(next() * held.length), 1)[0]!)
      expect(pool.nFree()).toBe(30 - new Set(held.flat()).size)
      for (const [block] of held)
        expect(pool.users(block!)).toBe(held.filter(([other]) => other === block).length)
    }
  }
})
