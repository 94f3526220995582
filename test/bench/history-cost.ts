// What does a session's history cost the composer? node dist/test/bench/history-cost.js
import { answerText } from '../../recorder/answer-text.ts'
import { saidWith } from '../../recorder/prompt-tokens.ts'
import { turnOf } from '../../recorder/workloads/turn.ts'
import { builtinTokenizer } from '../../schemas/tokenizer.ts'
import { chatChunk, DONE } from '../support/tape.ts'

const WORDS =
  'the quick brown fox jumps over lazy dogs while Streaming endpoints answer, and 42 tokens arrive'
    .split(' ')
    .map(word => `${word} `)
const ROUNDS = 15

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!
const tokenizer = builtinTokenizer()
const turn = turnOf({ inputTokens: 1 })
const spentMs = (action: () => void): number => {
  const startMs = performance.now()
  action()
  return performance.now() - startMs
}

console.log('words of an answer   its text found, ms   its tokens counted, ms')
for (const nWords of [100, 500, 4_000, 32_000]) {
  const pieces = Array.from({ length: nWords }, (_, i) => WORDS[(7 * i + (i % 3)) % WORDS.length]!)
  const body = Buffer.from(pieces.map(content => chatChunk({ content })).join('') + DONE)
  const text = answerText(body)
  const found = Array.from({ length: ROUNDS }, () => spentMs(() => answerText(body)))
  const counted = Array.from({ length: ROUNDS }, () =>
    spentMs(() => saidWith(0, turn, text, tokenizer)),
  )
  const cells = [
    nWords.toLocaleString('en-US'),
    ...[found, counted].map(ms => median(ms).toFixed(2)),
  ]
  console.log(cells.map((cell, i) => cell.padStart([18, 21, 25][i]!)).join(''))
}
