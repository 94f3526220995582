import { expect, test } from 'vitest'
import { answerQueue } from '../../../simulator/replay/answer-queue.ts'

const answers = (...digests: string[]) =>
  digests.map((bodyDigest, i) => ({ sentNs: i, bodyDigest, head: null, reads: [], end: null }))

test('a body that is on the tape gets its own answer, the first that is left', () => {
  const next = answerQueue(answers('a', 'b', 'a'))
  expect(['a', 'a', 'b'].map(digest => next(digest)?.sentNs)).toEqual([0, 2, 1])
  expect(next('a')).toBeUndefined()
})

test('any other gets the first that is left, in the order of the tape', () => {
  const next = answerQueue(answers('a', 'b', 'c'))
  expect(['x', 'c', 'y', 'z'].map(digest => next(digest)?.sentNs)).toEqual([0, 2, 1, undefined])
})

test('an answer that was given to another is not given again to its own', () => {
  const next = answerQueue(answers('a', 'b', 'a'))
  expect(['x', 'a', 'a'].map(digest => next(digest)?.sentNs)).toEqual([0, 2, 1])
})
