import type { Tokenizer } from '../../schemas/tokenizer.ts'
import { randomFor } from '../random.ts'
import { type TextSource, written } from './text-source.ts'

export type BlockPrompt = {
  seed: number
  /** At least one. */
  hashIds: number[]
  nTokens: number
  blockTokens: number
}

/**
 * A prompt of blocks, so that requests with the same first ids begin with the same tokens.
 *
 * The text of a block depends on (seed, id) alone. A last block that is shorter is the beginning of the
 * whole block, so nothing is remembered, and no order of the rows changes any text.
 */
export function blockPrompt(
  source: TextSource,
  tokenizer: Tokenizer,
  { seed, hashIds, nTokens, blockTokens }: BlockPrompt,
): { text: string; tokens: number } {
  const whole = hashIds.slice(0, -1)
  const front = whole.map(id => source.write(blockTokens, blockStream(seed, id)))
  const before = { text: front.join(source.joint), tokens: whole.length * blockTokens }
  return written(
    source,
    tokenizer,
    before,
    nTokens - before.tokens,
    blockStream(seed, hashIds.at(-1)!),
  )
}

const GOLDEN_RATIO = 0.6180339887498949

/**
 * The stream of a block. Its first number, the first word, walks by the golden ratio: two blocks whose
 * ids are near differ in their first token, so that prompts part exactly where their blocks do.
 */
function blockStream(seed: number, id: number): () => number {
  const random = randomFor(seed, 'block', id)
  let isFirst = true
  return () => {
    const drawn = random()
    if (!isFirst) return drawn
    isFirst = false
    return (Math.abs(id % 1_000_000) * GOLDEN_RATIO) % 1
  }
}
