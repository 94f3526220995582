import { UserError } from '../../schemas/errors.ts'
import type { Tokenizer } from '../../schemas/tokenizer.ts'
import { vocabularyWords } from './vocabulary-words.ts'

/** Writes prompts of an exact number of tokens of bare text: what a chat template adds is not in it. */
export type PromptWriter = {
  /** `constructed`: exact by construction. `verified`: each prompt is encoded, trimmed and checked. */
  mode: 'constructed' | 'verified'
  /** Why it has to be verified. */
  note?: string
  /**
   * A prompt of exactly `nTokens` tokens, the same for the same random stream.
   *
   * @param nTokens  whole, at least 0
   * @throws UserError in mode `verified`, when no prompt could be made exact
   */
  write(nTokens: number, random: () => number): string
}

/** Lengths at which the construction is tried on start. Tokens. */
const TRIED = [1, 2, 100, 1000]
/** For a vocabulary without plain English words, where prompts are verified anyway. */
const COMMON = 'the of and to in is that for it as was with be by on not at are this have'

/**
 * Writes prompts of an exact number of tokens by construction, not by trial.
 *
 * A vocabulary holds thousands of entries that are one lower-case word with the space before it
 * (`Ġword`, `▁word`). Each is one pre-token and one token, so any N of them, space-joined, are N tokens.
 * The prompt begins with a space, so that its first word is such an entry too; a tokenizer that itself puts
 * a space in front (Llama 2) gets none, or the prompt would be N + 1. Which of the two holds is tried
 * on start, never assumed, and a tokenizer for which neither does gets its prompts made by
 * encode–trim–verify, which is slow and says so in `note`.
 */
export function promptWriter(tokenizer: Tokenizer): PromptWriter {
  const spaced = vocabularyWords(tokenizer).map(word => ` ${word}`)
  const textOf = textWriter(spaced)
  for (const from of spaced.length > 1 ? [0, 1] : []) {
    const write = (nTokens: number, random: () => number): string => textOf(nTokens, random, from)
    if (TRIED.every(n => tokenizer.count(write(n, anyRandom(n))) === n))
      return { mode: 'constructed', write }
  }
  const drawn = spaced.length > 1 ? spaced : COMMON.split(' ').map(word => ` ${word}`)
  return {
    mode: 'verified',
    note: `${tokenizer.id} does not keep one token a word, so each prompt is encoded, trimmed and checked`,
    write: (nTokens, random) => verified(tokenizer, drawn, nTokens, random),
  }
}

/**
 * Writes words drawn at random, each with its space before it, and leaves out the first `from` letters.
 *
 * Copies bytes, which takes half as long as joining strings: 0.4 ms for 12,000 words.
 */
function textWriter(
  spaced: string[],
): (nWords: number, random: () => number, from: number) => string {
  const bytes = Buffer.from(spaced.join(''), 'latin1')
  const starts = new Uint32Array(spaced.length + 1)
  for (const [i, word] of spaced.entries()) starts[i + 1] = starts[i]! + word.length
  const longest = Math.max(0, ...spaced.map(word => word.length))
  let page = Buffer.alloc(0)
  return (nWords, random, from) => {
    if (page.length < nWords * longest) page = Buffer.alloc(nWords * longest)
    let end = 0
    for (let i = 0; i < nWords; i++) {
      const word = Math.floor(random() * spaced.length)
      const stop = starts[word + 1]!
      for (let at = starts[word]!; at < stop; at++) page[end++] = bytes[at]!
    }
    return page.toString('latin1', Math.min(from, end), end)
  }
}

/** Numbers for the trial on start, where any will do but the same each time (Park and Miller 1988). */
function anyRandom(seed: number): () => number {
  let turn = seed
  return () => {
    turn = (turn * 48271) % 2147483647
    return turn / 2147483647
  }
}

/**
 * The longest run of words that has at most `nTokens` tokens, and for the rest, where there is one, other
 * endings until one fits. The same random stream gives the same prompt, as everywhere.
 */
function verified(
  tokenizer: Tokenizer,
  spaced: string[],
  nTokens: number,
  random: () => number,
): string {
  if (nTokens === 0) return ''
  const word = (): string => spaced[Math.floor(random() * spaced.length)]!
  for (let attempt = 0; attempt < 20; attempt++) {
    const drawn: string[] = []
    // With a space in front, then without.
    const head = (nWords: number, end = ''): string =>
      (drawn.slice(0, nWords).join('') + end).slice(attempt % 2)
    const isExact = (text: string): boolean => tokenizer.count(text) === nTokens
    // Where words share tokens more of them are needed, but 64 times as many help nobody.
    do for (let i = 0; i < nTokens; i++) drawn.push(word())
    while (drawn.length < 64 * nTokens && tokenizer.count(head(drawn.length)) < nTokens)
    let fits = 0
    let tooLong = drawn.length + 1
    while (tooLong - fits > 1) {
      const middle = (fits + tooLong) >> 1
      if (tokenizer.count(head(middle)) <= nTokens) fits = middle
      else tooLong = middle
    }
    if (isExact(head(fits))) return head(fits)
    for (let nWords = fits; nWords >= Math.max(0, fits - 3); nWords--)
      for (let trial = 0; trial < 50; trial++) {
        const text = head(nWords, word())
        if (isExact(text)) return text
      }
  }
  throw new UserError(
    `--isl: no prompt of exactly ${nTokens} tokens could be made with ${tokenizer.id}`,
    'use another length, or --tokenizer builtin',
  )
}
