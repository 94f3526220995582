import { expect, test } from 'vitest'
import { tokensByPiece } from '../../../analyzer/decode/tokens.ts'
import { BUILTIN, findTokenizer } from '../../../schemas/tokenizer.ts'
import { random } from '../../support/random.ts'
import { words } from '../../support/tape.ts'

test('a token belongs to the piece in which it ends', () => {
  //                                              ' hello' ends in the second, ' world' in the last
  expect([...tokensByPiece(words, [' hel', 'lo', ' wor', 'ld'])]).toEqual([0, 1, 0, 1])
})

test('several tokens in a piece, an empty piece, nothing at all', () => {
  expect([...tokensByPiece(words, [' a b', '', ' c'])]).toEqual([2, 0, 1])
  expect([...tokensByPiece(words, ['', ''])]).toEqual([0, 0])
  expect([...tokensByPiece(words, [])]).toEqual([])
})

test('a tokenizer that cannot place its tokens has them spread over the characters', () => {
  const blind = { ...words, tokenEnds: () => null, count: () => 4 }
  expect([...tokensByPiece(blind, ['abcd', 'efgh'])]).toEqual([2, 2])
})

test('whatever the pieces, they add up to the count of the whole text', () => {
  const builtin = findTokenizer(BUILTIN)
  const next = random(3)
  const alphabet = [...'abcdefgh    ,.\n{}"é🦙漢字']
  for (let round = 0; round < 60; round++) {
    const pieces = Array.from({ length: 1 + Math.floor(next() * 30) }, () =>
      Array.from(
        { length: Math.floor(next() * 6) },
        () => alphabet[Math.floor(next() * alphabet.length)],
      ).join(''),
    )
    const sum = tokensByPiece(builtin, pieces).reduce((a, b) => a + b, 0)
    expect(sum).toBe(builtin.count(pieces.join('')))
  }
})
