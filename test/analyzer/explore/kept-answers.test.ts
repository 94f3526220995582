import { expect, test } from 'vitest'
import { keptAnswers } from '../../../analyzer/explore/kept-answers.ts'

test('keeps the answers that were asked for last', () => {
  const answers = keptAnswers(10)
  const of = (length: number): Uint8Array => new Uint8Array(length)
  answers.keep('a', of(4))
  answers.keep('b', of(4))
  expect(answers.get('a')).toHaveLength(4)
  answers.keep('c', of(4))
  expect(answers.get('b')).toBeUndefined()
  expect(answers.get('a')).toHaveLength(4)
  answers.keep('a', of(6))
  expect(answers.get('c')).toHaveLength(4)
  answers.keep('whole', of(11))
  expect(answers.get('whole')).toBeUndefined()
  expect(answers.get('a')).toHaveLength(6)
})
