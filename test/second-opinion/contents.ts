import type { Timed } from './answer.ts'
import type { Part } from './statements.ts'

/** Where the tokens of a text end: the project's tokenizer has it (`schemas/tokenizer.ts`). */
export type TokenEnds = (text: string) => Uint32Array | null

/** What a content message brought to one choice. */
export type Content = {
  atNs: number
  choice: number
  isReasoningOnly: boolean
  /** Tokens that end in it, of all its channels; null where none can be counted. */
  nTokens: number | null
}

export type Contents = {
  list: Content[]
  /** Tokens of the whole texts, of all choices; null where there is no text, or none can be counted. */
  nTokens: number | null
  nReasoningTokens: number | null
}

/** An answer of more characters is not tokenised: usage counts there. */
const MOST_CHARACTERS = 1_000_000

/** Finds the content messages and counts their tokens. @param tokenEnds  null: no tokenizer is at hand */
export function contentsOf(said: Timed[], tokenEnds: TokenEnds | null): Contents {
  const withParts = said.filter(({ parts }) => parts.length > 0)
  const all = withParts.flatMap(({ parts }) => parts)
  const nCharacters = all.reduce((sum, { text }) => sum + text.length, 0)
  const ends = nCharacters > MOST_CHARACTERS ? null : tokenEnds
  const counted = ends ? tokensOfParts(all, ends) : null
  const total = (of: Part[]): number | null =>
    counted && of.reduce((sum, part) => sum + counted.get(part)!, 0)
  const list = withParts.flatMap(({ atNs, parts }) => {
    const choices = [...new Set(parts.map(({ choice }) => choice))]
    return choices.map((choice): Content => {
      const own = parts.filter(part => part.choice === choice)
      return {
        atNs,
        choice,
        isReasoningOnly: own.every(({ channel }) => channel === 'reasoning'),
        nTokens: total(own),
      }
    })
  })
  const reasoning = all.filter(({ channel }) => channel === 'reasoning')
  return {
    list,
    nTokens: all.length > 0 ? total(all) : null,
    nReasoningTokens: reasoning.length > 0 ? total(reasoning) : null,
  }
}

/** The tokens that end in each part: those of one choice and channel are one text. */
function tokensOfParts(parts: Part[], tokenEnds: TokenEnds): Map<Part, number> {
  const counted = new Map<Part, number>()
  const keyOf = ({ choice, channel }: Part): string => `${choice} ${channel}`
  for (const key of new Set(parts.map(keyOf))) {
    const own = parts.filter(part => keyOf(part) === key)
    // Halves of a surrogate pair may come apart; what stays a half is U+FFFD on its way to bytes.
    const whole = Buffer.from(own.map(({ text }) => text).join('')).toString()
    const ends = tokenEnds(whole)
    if (!ends) throw new Error('this tokenizer cannot say where its tokens end')
    let from = 0
    for (const part of own) {
      const to = from + part.text.length
      counted.set(part, ends.filter(end => end > from && end <= to).length)
      from = to
    }
  }
  return counted
}
