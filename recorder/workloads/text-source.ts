import type { Tokenizer } from '../../schemas/tokenizer.ts'
import { promptWriter } from '../prompts/exact-prompt.ts'
import { randomFor } from '../random.ts'

/** Where the text of made-up prompts comes from. */
export type TextSource = {
  /** Texts of this source have their length by construction, joined ones too: nothing to count. */
  isConstructed: boolean
  /** What stands between two of its texts that are sent as one. */
  joint: string
  notes: string[]
  /** Text of `nTokens` tokens; what it really has is counted where it is not constructed. */
  write(nTokens: number, random: () => number): string
}

/** Words drawn at random, one token each. */
export function wordSource(tokenizer: Tokenizer): TextSource {
  const writer = promptWriter(tokenizer)
  const notes = writer.note ? [writer.note] : []
  if (writer.mode === 'constructed')
    for (const joint of ['', ' '])
      if (isExactWith(joint, tokenizer, writer.write))
        return { isConstructed: true, joint, notes, write: writer.write }
  if (notes.length === 0)
    notes.push(`texts joined do not add up with ${tokenizer.id}, so each prompt is counted`)
  return { isConstructed: false, joint: ' ', notes, write: writer.write }
}

/** Whether three texts joined have as many tokens as the three: tried, not assumed. */
function isExactWith(joint: string, tokenizer: Tokenizer, write: TextSource['write']): boolean {
  return [1, 2, 3, 4, 5].every(trial => {
    const random = randomFor(trial, 'joint', 0)
    const texts = [trial, 7, 40].map(nTokens => write(nTokens, random))
    return tokenizer.count(texts.join(joint)) === trial + 47
  })
}

/** Other endings tried before a length that is one off is taken as it is. */
const ATTEMPTS = 24

/**
 * Text behind other text, so that both together have `nTokens` more tokens than the other.
 *
 * @param before  what stands in front, '' for nothing
 * @returns the whole text and its tokens, which are exact or counted
 */
export function written(
  source: TextSource,
  tokenizer: Tokenizer,
  before: { text: string; tokens: number },
  nTokens: number,
  random: () => number,
): { text: string; tokens: number } {
  const asked = before.tokens + nTokens
  const joined = (n: number): string => {
    const text = source.write(n, random)
    return [before.text, text].filter(part => part !== '').join(source.joint)
  }
  if (source.isConstructed) return { text: joined(nTokens), tokens: asked }
  let best = { text: '', tokens: -1 }
  let length = nTokens
  for (let i = 0; i < ATTEMPTS; i++) {
    const text = joined(Math.max(0, length))
    const tokens = tokenizer.count(text)
    const isBetter = best.tokens < 0 || Math.abs(tokens - asked) < Math.abs(best.tokens - asked)
    if (isBetter) best = { text, tokens }
    if (tokens === asked) break
    length = Math.max(1, length + asked - tokens)
  }
  return best
}
