import { expect, test } from 'vitest'
import { findTokenizer, openTokenizer } from '../../../schemas/tokenizer.ts'
import { qwen3Cache, sentencePieceLike, tokenizerFolder } from '../../support/tokenizers.ts'
import { builtin, fileOf, workload } from './support.ts'

const first = (made: ReturnType<typeof workload>, n: number) =>
  Array.from({ length: n }, (_, i) => made.session(i))

test('a session depends on seed and index alone', () => {
  const flags = { isl: '50', islStddev: '10', sessionTurnsMean: '3', sessionTurnsStddev: '1' }
  const [one, other] = [workload(flags), workload(flags)]
  const forwards = first(one, 20)
  const backwards = Array.from({ length: 20 }, (_, i) => other.session(19 - i)).reverse()
  expect(backwards).toEqual(forwards)
  expect(one.digest).toBe(other.digest)
  expect(workload(flags, 8).session(0)).not.toEqual(forwards[0])
  expect(workload(flags, 8).digest).not.toBe(one.digest)
})

test('another option does not change what this one draws', () => {
  const texts = (flags: Parameters<typeof workload>[0]) =>
    first(workload({ isl: '20', ...flags }), 5).map(session => session.turns[0]!.texts[0])
  expect(texts({ osl: '9', sessionTurnsMean: '4' })).toEqual(texts({}))
})

const qwen3 = findTokenizer('Qwen/Qwen3-0.6B', { HF_HUB_CACHE: qwen3Cache() })
const llama2 = openTokenizer(tokenizerFolder(sentencePieceLike('llama2')), 'llama2')

test.each([
  ['builtin', builtin],
  ['Qwen3', qwen3],
  ['llama2', llama2],
] as const)('%s: prefix, context and prompt joined have exactly their tokens', (_, tokenizer) => {
  const made = workload(
    {
      isl: '100',
      islStddev: '30',
      promptPrefixPoolSize: '3',
      promptPrefixLength: '40',
      userContextPromptLength: '15',
      sharedSystemPromptLength: '25',
      sessionTurnsMean: '2',
      batchSize: '2',
    },
    7,
    tokenizer,
  )
  expect(made.notes).toEqual([])
  for (const { system, systemTokens, turns } of first(made, 10)) {
    expect(systemTokens).toBe(25)
    expect(tokenizer.count(system!)).toBe(25)
    expect(turns).toHaveLength(2)
    for (const { texts, inputTokens } of turns) {
      expect(texts).toHaveLength(2)
      expect(texts.reduce((sum, text) => sum + tokenizer.count(text), 0)).toBe(inputTokens)
    }
    expect(turns[0]!.inputTokens).toBeGreaterThan(110)
  }
})

test('a tokenizer that merges across words: every part is tried until the whole is exact', () => {
  const merges = [
    ['▁the', '▁river'],
    ['▁of', '▁the'],
    ['▁under', '▁stone'],
  ] as [string, string][]
  const tokenizer = openTokenizer(tokenizerFolder(sentencePieceLike('gemma', merges)), 'small')
  const flags = { isl: '60', promptPrefixPoolSize: '2', promptPrefixLength: '20' }
  const made = workload(flags, 7, tokenizer)
  expect(made.notes[0]).toContain('small does not keep one token a word')
  const inputFile = fileOf([{ input_length: 70, hash_ids: [1, 2, 3, 4, 5] }])
  const trace = workload({ inputFile, islBlockSize: '16' }, 7, tokenizer)
  for (const [{ turns }, nTokens] of [
    ...first(made, 10).map(session => [session, 80] as const),
    [trace.session(0), 70] as const,
  ]) {
    expect(turns[0]!.inputTokens).toBe(nTokens)
    expect(tokenizer.count(turns[0]!.texts[0]!)).toBe(nTokens)
  }
})

test('prefixes come from the pool, each equally often; the system prompt is one', () => {
  const sessions = first(
    workload({ isl: '1', promptPrefixPoolSize: '4', promptPrefixLength: '6' }),
    800,
  )
  const counts = new Map<string, number>()
  for (const { turns } of sessions) {
    expect(turns[0]!.inputTokens).toBe(7)
    const prefix = turns[0]!.texts[0]!.trim().split(' ').slice(0, 6).join(' ')
    counts.set(prefix, (counts.get(prefix) ?? 0) + 1)
  }
  expect(counts.size).toBe(4)
  for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(50)
  const shared = first(workload({ sharedSystemPromptLength: '9' }), 5).map(({ system }) => system)
  expect(new Set(shared).size).toBe(1)
})

test('lengths are normal with the mean and deviation asked for', () => {
  const turns = first(workload({ isl: '200', islStddev: '20', osl: '100', oslStddev: '10' }), 2000)
  for (const [mean, stddev, of] of [
    [200, 20, turns.map(({ turns }) => turns[0]!.inputTokens!)],
    [100, 10, turns.map(({ turns }) => turns[0]!.outputTokens!)],
  ] as const) {
    const average = of.reduce((a, b) => a + b) / of.length
    const spread = Math.sqrt(of.reduce((sum, x) => sum + (x - average) ** 2, 0) / of.length)
    expect(Math.abs(average - mean)).toBeLessThan((4 * stddev) / Math.sqrt(2000))
    expect(Math.abs(spread / stddev - 1)).toBeLessThan(0.07)
  }
})

test('--random-range-ratio draws uniformly, both ends included', () => {
  const lengths = first(workload({ isl: '10', osl: '4', randomRangeRatio: '0.5' }), 3000).map(
    ({ turns }) => turns[0]!,
  )
  const counts = new Map<number, number>()
  for (const { inputTokens } of lengths)
    counts.set(inputTokens!, (counts.get(inputTokens!) ?? 0) + 1)
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
  for (const count of counts.values()) expect(Math.abs(count - 3000 / 11)).toBeLessThan(70)
  expect(new Set(lengths.map(({ outputTokens }) => outputTokens))).toEqual(new Set([2, 3, 4, 5, 6]))
})

test('later turns wait, the first does not', () => {
  const made = workload({
    isl: '5',
    sessionTurnsMean: '3',
    sessionTurnDelayMean: '100',
    sessionDelayRatio: '0.5',
  })
  expect(made.session(4).turns.map(({ delayMs }) => delayMs)).toEqual([0, 50, 50])
  const spread = workload({
    isl: '5',
    sessionTurnsMean: '4',
    sessionTurnDelayMean: '10',
    sessionTurnDelayStddev: '40',
  })
  const delays = first(spread, 200).flatMap(({ turns }) => turns.slice(1).map(turn => turn.delayMs))
  expect(Math.min(...delays)).toBe(0)
  expect(Math.max(...delays)).toBeGreaterThan(90)
})

test('a number of entries makes sessions repeat: each once a lap', () => {
  const made = workload({ isl: '12', numDatasetEntries: '5' })
  const texts = first(made, 10).map(({ turns }) => turns[0]!.texts[0])
  expect(new Set(texts.slice(0, 5)).size).toBe(5)
  expect([...texts.slice(5)].sort()).toEqual([...texts.slice(0, 5)].sort())
  expect(new Set(first(made, 10).map(({ id }) => id)).size).toBe(10)
  expect(workload({ isl: '12' }).size).toBeNull()
})

test('a conversation stops before it is longer than the context', () => {
  const made = workload({ isl: '40', osl: '20', sessionTurnsMean: '9', maxContextLength: '200' })
  expect(made.session(0).turns).toHaveLength(3)
  const spread = workload({ isl: '90', islStddev: '60', osl: '10', maxContextLength: '100' })
  for (const { turns } of first(spread, 200)) expect(turns[0]!.inputTokens).toBeLessThanOrEqual(90)
})

test('a prompt of 12,000 tokens takes about a millisecond', () => {
  const made = workload({ isl: '12000' })
  for (let i = 0; i < 50; i++) made.session(i)
  const times = Array.from({ length: 50 }, (_, i) => {
    const start = performance.now()
    made.session(100 + i)
    return performance.now() - start
  }).sort((a, b) => a - b)
  console.log(`12,000 tokens: median ${times[25]!.toFixed(2)} ms`)
  expect(times[5]).toBeLessThan(2)
})
