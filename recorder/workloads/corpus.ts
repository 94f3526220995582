import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { UserError } from '../../schemas/errors.ts'
import type { Tokenizer } from '../../schemas/tokenizer.ts'
import type { TextSource } from './text-source.ts'

/** Starts tried until a cut has the tokens asked for. */
const STARTS = 16
/** Tokens by which the end of a cut is moved until it fits. */
const MOVES = 8

/** Natural text, cut from a file at token ends. The file is encoded once. */
export function corpusSource(file: string, tokenizer: Tokenizer): TextSource & { digest: string } {
  const bytes = readFileSync(file)
  const text = bytes.toString().replace(/^\ufeff/, '')
  const ends = tokenizer.tokenEnds(text) ?? guessedEnds(text, tokenizer)
  if (ends.length === 0)
    throw new UserError(`--prompt-corpus: ${file} has no text`, 'name a file of plain text')
  const notes: string[] = []
  const starts = wordStarts(text, ends)
  const write = (nTokens: number, random: () => number): string => {
    if (nTokens === 0) return ''
    let best = ''
    let leastOff = Number.POSITIVE_INFINITY
    for (let i = 0; i < STARTS; i++) {
      const start = starts[Math.floor(random() * starts.length)]!
      // Encoded on its own, a cut may have a token more or less than it had in its place.
      for (let move = 0, length = nTokens; move < MOVES && length > 0; move++) {
        const cut = cutOf(text, ends, start, length)
        const off = nTokens - tokenizer.count(cut)
        if (off === 0) return cut
        if (Math.abs(off) < leastOff) [best, leastOff] = [cut, Math.abs(off)]
        length += off
      }
    }
    if (notes.length === 0)
      notes.push(
        `no cut of ${file} has exactly ${nTokens} tokens with ${tokenizer.id}: the nearest are sent and counted`,
      )
    return best
  }
  const digest = createHash('sha256').update(bytes).digest('hex')
  return { isConstructed: false, joint: '\n\n', notes, write, digest }
}

/** The tokens from `start` on, beginning again at the front as often as it takes. */
function cutOf(text: string, ends: Uint32Array, start: number, nTokens: number): string {
  let rest = nTokens
  let from = start
  let cut = ''
  while (rest > 0) {
    const to = Math.min(ends.length, from + rest)
    cut += text.slice(from === 0 ? 0 : ends[from - 1], ends[to - 1])
    rest -= to - from
    from = 0
  }
  return cut
}

/** Tokens that begin a word: a text that starts with one is encoded as it was in its place. */
function wordStarts(text: string, ends: Uint32Array): Uint32Array {
  const starts: number[] = []
  for (let i = 0; i < ends.length; i++)
    if (i === 0 || /\s/.test(text[ends[i - 1]!] ?? '')) starts.push(i)
  return Uint32Array.from(starts)
}

/** Word ends, weighted by the tokens of the whole, for tokenizers that change their text. */
function guessedEnds(text: string, tokenizer: Tokenizer): Uint32Array {
  const ends: number[] = []
  let end = 0
  for (const word of text.match(/\s*\S+/g) ?? []) {
    end += word.length
    for (let i = Math.max(1, tokenizer.count(word)); i > 0; i--) ends.push(end)
  }
  return Uint32Array.from(ends)
}
