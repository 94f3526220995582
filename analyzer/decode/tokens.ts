import type { Tokenizer } from '../../schemas/tokenizer.ts'

/** What counting needs of a tokenizer. */
export type TokenCounter = Pick<Tokenizer, 'digest' | 'count' | 'tokenEnds'>

/**
 * Characters of an answer above which its tokens are not counted: a tokenizer takes some hundred bytes
 * a character, so that one event of 100 MB would need more memory than there is. Real answers end
 * far below: a million characters are about 250,000 tokens, more than any model's output limit.
 */
export const MOST_CHARACTERS = 1_000_000

/**
 * How many tokens each piece of a text completes, so that they add up to the count of the whole.
 *
 * Pieces are never counted by themselves: a token may span two of them, and belongs to the one in
 * which it ends. Where the tokenizer cannot place its tokens they are spread over the characters.
 */
export function tokensByPiece(tokenizer: TokenCounter, pieces: readonly string[]): Uint32Array {
  const tokens = new Uint32Array(pieces.length)
  const text = pieces.join('')
  if (text === '') return tokens
  const ends = tokenizer.tokenEnds(text) ?? spread(tokenizer.count(text), text.length)
  let piece = 0
  let pieceEnd = pieces[0]!.length
  for (const end of ends) {
    while (end > pieceEnd && piece + 1 < pieces.length) pieceEnd += pieces[++piece]!.length
    // An empty piece ends where the one before does: the token belongs to a piece with characters.
    tokens[piece]!++
  }
  return tokens
}

const spread = (count: number, length: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => Math.round(((i + 1) * length) / count))
