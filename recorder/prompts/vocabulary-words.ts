import type { Tokenizer } from '../../schemas/tokenizer.ts'

/** A word with the mark of its leading space: `Ġ` in byte-level vocabularies, `▁` in SentencePiece's. */
const MARKED = /^[Ġ▁]([a-z]{2,12})$/
/** A word as WordPiece has it: the mark is on what continues a word. */
const BARE = /^([a-z]{2,12})$/

/**
 * Lower-case English words, each of which is one token when it follows a space.
 *
 * Being in the vocabulary is not enough: a merge that came earlier in training may split a word that is
 * there. So each is encoded once, which is the whole proof where a word is a pre-token of its own.
 *
 * @returns the words without their space, by token id: the same order on every machine
 */
export function vocabularyWords(tokenizer: Tokenizer): string[] {
  const entries = [...tokenizer.vocabulary()].sort((a, b) => a[1] - b[1])
  const matching = (pattern: RegExp): string[] =>
    entries.flatMap(([token]) => pattern.exec(token)?.[1] ?? [])
  const marked = matching(MARKED)
  const candidates = marked.length > 1 ? marked : matching(BARE)
  // A tokenizer that itself puts a space in front (Llama 2) is given the bare word.
  for (const space of [' ', '']) {
    const words = candidates.filter(word => tokenizer.count(space + word) === 1)
    if (words.length > candidates.length / 2) return words
  }
  return candidates
}
