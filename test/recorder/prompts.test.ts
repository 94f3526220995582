import { expect, test } from 'vitest'
import { promptWriter } from '../../recorder/prompts/exact-prompt.ts'
import { vocabularyWords } from '../../recorder/prompts/vocabulary-words.ts'
import { randomFor } from '../../recorder/random.ts'
import { builtinTokenizer, findTokenizer, openTokenizer } from '../../schemas/tokenizer.ts'
import {
  qwen3Cache,
  sentencePieceLike,
  tokenizerFolder,
  wordPieceLike,
} from '../support/tokenizers.ts'

const builtin = builtinTokenizer()
const qwen3 = findTokenizer('Qwen/Qwen3-0.6B', { HF_HUB_CACHE: qwen3Cache() })
const small = (json: unknown) => openTokenizer(tokenizerFolder(json), 'small')

test.each([
  ['builtin', builtin, 8_243],
  ['Qwen3', qwen3, 24_390],
])('%s: a prompt has exactly the tokens asked for, and as many words', (_, tokenizer, words) => {
  expect(vocabularyWords(tokenizer)).toHaveLength(words)
  const writer = promptWriter(tokenizer)
  expect(writer.mode).toBe('constructed')
  expect(writer.note).toBeUndefined()
  for (const nTokens of [1, 2, 100, 1_000, 8_000, 64_000]) {
    const prompt = writer.write(nTokens, randomFor(1, 'prompt', nTokens))
    expect(tokenizer.encode(prompt)).toHaveLength(nTokens)
    expect(prompt.trim().split(/\s+/)).toHaveLength(nTokens)
  }
  expect(writer.write(0, randomFor(1, 'prompt', 0))).toBe('')
})

test('every word of a vocabulary is used, and each is one token wherever it stands', () => {
  const words = vocabularyWords(builtin)
  const text = words.map(word => ` ${word}`).join('')
  expect(builtin.encode(text)).toHaveLength(words.length)
  const prompt = promptWriter(builtin).write(200_000, randomFor(1, 'prompt', 0))
  expect(new Set(prompt.trim().split(' ')).size).toBe(words.length)
})

test('the same seed and index give the same prompt, another index another', () => {
  const writers = [promptWriter(builtin), promptWriter(builtin)]
  const prompt = (index: number, writer = writers[0]!): string =>
    writer.write(8, randomFor(42, 'prompt', index))
  expect(prompt(0)).toMatchInlineSnapshot(
    `" spherical opts too compatible maker zo cognitive sponsored"`,
  )
  expect(prompt(1)).not.toBe(prompt(0))
  expect(prompt(0, writers[1])).toBe(prompt(0))
})

test.each([
  ['llama2', ''],
  ['metaspace', ' '],
  ['gemma', ' '],
] as const)('SentencePiece, %s: the first word begins with "%s"', (style, start) => {
  const tokenizer = small(sentencePieceLike(style))
  const writer = promptWriter(tokenizer)
  expect(writer.mode).toBe('constructed')
  for (const nTokens of [1, 2, 100, 1_000, 8_000]) {
    const prompt = writer.write(nTokens, randomFor(3, 'prompt', nTokens))
    expect(prompt.startsWith(' ')).toBe(start === ' ')
    expect(tokenizer.encode(prompt)).toHaveLength(nTokens)
  }
})

test('with a space of its own in front, a Llama 2 prompt would be a token too long', () => {
  const tokenizer = small(sentencePieceLike('llama2'))
  expect(tokenizer.count('the river')).toBe(2)
  expect(tokenizer.count(' the river')).toBe(3)
})

test('WordPiece has bare words, and they are exact too', () => {
  const tokenizer = small(wordPieceLike())
  const writer = promptWriter(tokenizer)
  expect(writer.mode).toBe('constructed')
  expect(tokenizer.count(writer.write(777, randomFor(0, 'prompt', 0)))).toBe(777)
})

test('a tokenizer that merges across words is found out, and its prompts are verified', () => {
  const tokenizer = small(
    sentencePieceLike('gemma', [
      ['▁the', '▁river'],
      ['▁of', '▁the'],
      ['▁under', '▁stone'],
    ]),
  )
  const writer = promptWriter(tokenizer)
  expect(writer.mode).toBe('verified')
  expect(writer.note).toBe(
    'small does not keep one token a word, so each prompt is encoded, trimmed and checked',
  )
  for (const nTokens of [1, 2, 3, 100, 1_000]) {
    const prompt = writer.write(nTokens, randomFor(5, 'prompt', nTokens))
    expect(tokenizer.encode(prompt)).toHaveLength(nTokens)
    expect(writer.write(nTokens, randomFor(5, 'prompt', nTokens))).toBe(prompt)
  }
})

test('a tokenizer of letters alone gets verified prompts of common words', () => {
  const letters = [...'▁abcdefghijklmnopqrstuvwxyz']
  const tokenizer = small({
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: null,
      vocab: Object.fromEntries(letters.map((letter, id) => [letter, id])),
      merges: [],
    },
  })
  const writer = promptWriter(tokenizer)
  expect(writer.mode).toBe('verified')
  for (const nTokens of [2, 100, 1_000])
    expect(tokenizer.count(writer.write(nTokens, randomFor(5, 'prompt', nTokens)))).toBe(nTokens)
  expect(() => writer.write(1, randomFor(5, 'prompt', 1))).toThrow(
    /--isl: no prompt of exactly 1 tokens could be made with small/,
  )
})
