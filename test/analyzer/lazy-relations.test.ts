import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lazyRelations, readsIn, wordsOf } from '../../analyzer/lazy-relations.ts'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { words, writeTape } from '../support/tape.ts'

/** Relations a to e, and in which order they are made. c reads b, which reads a. */
function made(fail: string[] = []) {
  const order: string[] = []
  const relation = (name: string, sql: string) => ({
    name,
    reads: readsIn(sql),
    make: async () => {
      if (fail.includes(name)) throw new Error(`no ${name}`)
      order.push(name)
    },
  })
  const relations = lazyRelations([
    relation('a', 'select 1'),
    relation('b', 'select * from a -- not from e'),
    relation('c', 'select * from b'),
    relation('d', 'select e.x as d from b join c'),
    relation('e', 'select 1'),
  ])
  return { ...relations, order }
}

test('what a query names is made, with what that reads, once and in order', async () => {
  const { prepare, prepareAll, order } = made()
  expect(await prepare('select 1')).toBe(false)
  expect(await prepare('FROM "C"')).toBe(true)
  expect(order).toEqual(['a', 'b', 'c'])
  expect(await prepare('from a, b')).toBe(false)
  expect(await prepareAll()).toBe(true)
  expect(order).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(await prepareAll()).toBe(false)
})

test('two that ask at once make nothing twice', async () => {
  const { prepare, order } = made()
  await Promise.all([prepare('from c'), prepare('from b'), prepare('from c')])
  expect(order).toEqual(['a', 'b', 'c'])
})

test('what failed is tried again, and hinders nothing else', async () => {
  const fail = ['b']
  const { prepare, order } = made(fail)
  await expect(prepare('from c')).rejects.toThrow('no b')
  await prepare('from e')
  fail.length = 0
  await prepare('from c')
  expect(order).toEqual(['a', 'e', 'b', 'c'])
})

test('words in comments are none', () => {
  expect(wordsOf('select X -- from y\nfrom "Z" where a_1 = \'b\'')).toEqual([
    ...['select', 'x', 'from', 'z', 'where', 'a_1', 'b'],
  ])
})

test('a query decodes a tape only when it must; a name that it makes itself is found', async () => {
  const tape = await writeTape([{ tokens: [1, 2] }])
  const tapes = await openTapes([tape], { err: () => {}, tokenizerOf: () => words })
  expect(await tapes.query('select 1 as one')).toEqual([{ one: 1 }])
  expect(await tapes.query('select count(*) as n from raw_events')).toEqual([{ n: 7 }])
  // That its files are what their digests say is all that is known by then.
  const derived = (): string[] => readdirSync(join(tape, 'derived'))
  expect(derived().filter(name => name !== 'verified.json')).toEqual([])
  expect(await tapes.query(`select count(*) as n from query_table('mess' || 'ages')`)).toEqual([
    { n: 5 },
  ])
  expect(derived().some(name => name.startsWith('messages'))).toBe(true)
  const [row] = await tapes.query(`select count(*) as n from query_table('sam' || 'ples')`)
  expect(row!['n']).toBeGreaterThan(0)
  await expect(tapes.query('from nothing_of_ours')).rejects.toThrow('nothing_of_ours')
  tapes.close()
})
