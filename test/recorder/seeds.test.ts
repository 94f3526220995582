import { expect, test } from 'vitest'
import { seedNotes, seedsOf, seedsOfRun } from '../../recorder/seeds.ts'

test('a seed is drawn where none is given, and the words that repeat it are said', () => {
  const [one, other] = [seedsOf({}), seedsOf({})]
  expect(one.seed).not.toBe(other.seed)
  expect(one).toMatchObject({ seedDrawn: true, promptSeed: one.seed })
  expect(seedNotes(one)).toEqual([
    `seed ${one.seed}: --random-seed ${one.seed} sends the same requests again`,
  ])
  const again = seedsOf({ randomSeed: String(one.seed) })
  expect(again).toEqual({ ...one, seedDrawn: false })
  expect(seedNotes(again)).toEqual([])
})

test('the shards of a run take their seed from the name that they share', () => {
  const [first, second] = ['1/2', '2/2'].map(shard => seedsOf({ shard, runId: 'nightly-7' }))
  expect(first).toEqual(second)
  expect(seedsOf({ shard: '1/2', runId: 'nightly-8' }).seed).not.toBe(first!.seed)
  expect(seedsOf({ runId: 'nightly-7' }).seed).not.toBe(first!.seed)
})

test('every run has words of its own, the same each time; the first has those of the seed itself', () => {
  const first = seedsOf({ randomSeed: '5' })
  const runs = [0, 1, 2].map(number => seedsOfRun(first, number))
  expect(runs.map(({ seed }) => seed)).toEqual([5, 5, 5])
  expect(runs[0]!.promptSeed).toBe(5)
  expect(new Set(runs.map(({ promptSeed }) => promptSeed)).size).toBe(3)
  expect([0, 1, 2].map(number => seedsOfRun(first, number))).toEqual(runs)
  const same = seedsOf({ randomSeed: '5', samePrompts: true })
  expect(seedsOfRun(same, 2)).toEqual(same)
})
