import type { Tokenizer } from '../../schemas/tokenizer.ts'
import { randomFor } from '../random.ts'
import { blockPrompt } from './block-prompt.ts'
import { lengthsOf } from './lengths.ts'
import type { RowTurn } from './row-reader.ts'
import { type TextSource, written } from './text-source.ts'
import { tokensOfMessages, tokensOfPayload, tokensOfTexts } from './token-count.ts'
import { turnOf } from './turn.ts'
import type { Turn, WorkloadSeeds } from './workload.ts'
import type { WorkloadPlan } from './workload-plan.ts'

/** Finishes a turn of a row: makes up its prompt where the row has only a length, counts its tokens. */
export function turnMaker(
  plan: WorkloadPlan,
  words: TextSource,
  tokenizer: Tokenizer,
  { seed, promptSeed }: WorkloadSeeds,
  blockTokens: number,
): (turn: RowTurn, row: number, i: number) => Turn {
  // A mix of lengths is for made-up prompts; of its pairs only one half would be used.
  const limits = { ...plan, pairs: null, batchSize: 1 }
  const madeOf = (made: NonNullable<RowTurn['made']>, row: number, i: number) =>
    made.hashIds
      ? blockPrompt(words, tokenizer, {
          seed: promptSeed,
          hashIds: made.hashIds,
          nTokens: made.tokens,
          blockTokens,
        })
      : written(
          words,
          tokenizer,
          { text: '', tokens: 0 },
          made.tokens,
          randomFor(promptSeed, i === 0 ? 'prompt' : `prompt/${i}`, row),
        )
  const inputOf = (turn: RowTurn, row: number, i: number): Partial<Turn> => {
    if (turn.made) {
      const { text, tokens } = madeOf(turn.made, row, i)
      const said = turn.made.isWhole
        ? { messages: [{ role: 'user', content: text }] }
        : { texts: [text] }
      return { ...said, inputTokens: tokens, hashIds: turn.made.hashIds }
    }
    if (turn.payload) return { inputTokens: tokensOfPayload(turn.payload, tokenizer) }
    if (turn.messages) return { inputTokens: tokensOfMessages(turn.messages, tokenizer) }
    return { inputTokens: tokensOfTexts(turn.texts ?? [], tokenizer) }
  }
  /** What the row says; then its recorded answer's tokens; then --osl. A body says it itself. */
  const outputOf = (turn: RowTurn, row: number, i: number): number | null => {
    if (turn.outputTokens != null || turn.payload) return turn.outputTokens ?? null
    if (turn.answer !== undefined) return Math.max(1, tokenizer.count(turn.answer))
    return lengthsOf(limits, { seed, entry: row, turn: i }).outputTokens
  }
  return (turn, row, i) => {
    const { made: _made, answer: _answer, ...said } = turn
    return turnOf({
      ...said,
      ...inputOf(turn, row, i),
      outputTokens: outputOf(turn, row, i),
      delayMs: (turn.delayMs ?? 0) * plan.delayRatio,
      datasetRow: row,
    })
  }
}
