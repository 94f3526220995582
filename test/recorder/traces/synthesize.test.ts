import { expect, test } from 'vitest'
import { documents } from '../../../recorder/traces/documents.ts'
import { PrefixReuse } from '../../../recorder/traces/prefix-reuse.ts'
import { synthesize } from '../../../recorder/traces/synthesize.ts'
import { traceLine } from '../../../recorder/traces/trace-line.ts'
import { random } from '../../support/random.ts'
import { randomTrace, short, traceOf } from './support.ts'

const SAME = {
  prefixLen: 1,
  prefixRoots: 1,
  promptLen: 1,
  outputLen: 1,
  speedup: 1,
  maxInputTokens: null,
  maxOutputTokens: null,
  seed: 0,
}
const shared = (a: number[], b: number[]): number => {
  const at = a.findIndex((id, i) => id !== b[i])
  return at < 0 ? a.length : at
}

test('without options the trace is the same', () => {
  const trace = traceOf([{ timestamp: 0, input_length: 1 }, ...randomTrace(random(2), 50)])
  expect([...synthesize(trace, SAME)].map(traceLine)).toEqual([...trace.rows()].map(traceLine))
})

test('prefixes, prompts, outputs and times stretched, checked by hand', () => {
  const trace = traceOf([
    { timestamp: 1000, input_length: 1224, output_length: 10, hash_ids: [1, 2, 3] },
    { timestamp: 3000, input_length: 1124, output_length: 20, hash_ids: [1, 2, 4] },
    { timestamp: 5000, input_length: 100, output_length: 30, hash_ids: [5] },
  ])
  const by = { ...SAME, prefixLen: 1.5, promptLen: 3, outputLen: 2, speedup: 2 }
  const found = [...synthesize(trace, { ...by, maxOutputTokens: 50 })].map(short)
  // Two shared blocks become three; the 200 and 100 tokens behind them 600 and 300.
  expect(found.map(([due, input, output]) => [due, input, output])).toEqual([
    [0, 3 * 512 + 600, 20],
    [1000, 3 * 512 + 300, 40],
    [2000, 300, 50],
  ])
  const [one, two, three] = found.map(row => row[3] as number[])
  expect([one!.length, two!.length, three!.length]).toEqual([5, 4, 1])
  expect(shared(one!, two!)).toBe(3)
  expect(new Set([...one!, ...two!, ...three!]).size).toBe(3 + 2 + 1 + 1)
  expect([...synthesize(trace, { ...by, maxInputTokens: 2000 })]).toHaveLength(2)
})

test('two requests that shared k blocks share ⌈k · factor⌉, and the trace can be read', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const next = random(seed)
    const before = [...traceOf(randomTrace(next, 30)).rows()]
    const trace = traceOf(before.map(traceLine))
    const prefixLen = 0.3 + next() * 2.5
    const by = { ...SAME, prefixLen, promptLen: 0.2 + next() * 3 }
    const after = [...synthesize(trace, by)]
    expect(traceOf(after.map(traceLine)).nRequests).toBe(30)
    for (let i = 0; i < 30; i++)
      for (let j = 0; j < i; j++) {
        const [a, b] = [before[i]!, before[j]!]
        const whole = Math.floor(Math.min(a.inputTokens!, b.inputTokens!) / 512)
        const k = Math.min(shared(a.hashIds!, b.hashIds!), whole)
        const ids = shared(after[i]!.hashIds!, after[j]!.hashIds!)
        // A block that is not whole in one of them may be shared beyond.
        expect(ids).toBeGreaterThanOrEqual(Math.ceil(k * prefixLen))
        if (shared(a.hashIds!, b.hashIds!) <= whole - 1) expect(ids).toBe(Math.ceil(k * prefixLen))
      }
  }
})

test('copies of the tree share nothing, and keep sessions together', () => {
  const rows = Array.from({ length: 60 }, (_, i) => ({
    timestamp: i,
    session_id: `s${i % 20}`,
    input_length: 1024,
    output_length: 1,
    hash_ids: [1, 10 + i],
  }))
  const found = [...synthesize(traceOf(rows), { ...SAME, prefixRoots: 4 })]
  const rootOf = new Map(found.map(({ sessionId, hashIds }) => [sessionId, hashIds![0]]))
  expect(new Set(rootOf.values()).size).toBe(4)
  for (const { sessionId, hashIds } of found) expect(hashIds![0]).toBe(rootOf.get(sessionId))
})

const plan = {
  documents: 3,
  documentTokens: 1100,
  questions: 2,
  questionTokens: 20,
  outputTokens: 30,
  zipf: 1,
  turns: 2,
  turnGapNs: 5e9,
  sessions: 200,
  ratePerS: 4,
  arrivals: 'constant' as const,
  smoothness: 1,
  blockTokens: 512,
  seed: 1,
}

test('questions to documents: lengths, times and blocks', () => {
  const found = [...documents(plan)]
  expect(found).toHaveLength(400)
  expect(traceOf(found.map(traceLine)).nRequests).toBe(400)
  expect(new Set(found.map(({ inputTokens }) => inputTokens))).toEqual(new Set([1120, 1170]))
  expect(found.slice(0, 3).map(({ dueNs }) => dueNs)).toEqual([0, 250e6, 500e6])
  expect(found.at(-1)!.dueNs).toBe(199 * 250e6 + 5e9)
  // Two whole blocks of each document, the third of each (document, question), and of each later turn.
  const first = new Set(found.map(({ hashIds }) => hashIds![0]))
  const third = (tokens: number) =>
    new Set(found.filter(row => row.inputTokens === tokens).map(({ hashIds }) => hashIds![2]))
  expect([first.size, third(1120).size, third(1170).size]).toEqual([3, 6, 200])
  expect([...documents(plan)]).toEqual(found)
})

test('popular documents are asked in proportion to their rank', () => {
  const counts = new Map<number, number>()
  for (const { hashIds } of documents({ ...plan, turns: 1, sessions: 6000 }))
    counts.set(hashIds![0]!, (counts.get(hashIds![0]!) ?? 0) + 1)
  const [a, b, c] = [...counts.values()].sort((x, y) => y - x)
  // 1 : 1/2 : 1/3 of 6000.
  expect(Math.abs(a! - 3273)).toBeLessThan(150)
  expect(Math.abs(b! - 1636)).toBeLessThan(150)
  expect(Math.abs(c! - 1091)).toBeLessThan(150)
})

test('the hit rate is what the documents make it', () => {
  const reuse = new PrefixReuse([1], 512)
  for (const { hashIds, inputTokens } of documents({ ...plan, turns: 1, questions: 1 }))
    reuse.add(hashIds!, inputTokens!)
  // 200 requests of 3 blocks; each document is new once.
  const { caches } = reuse.result()
  expect(caches.at(-1)!.hitRatio).toBeCloseTo((600 - 9) / 600, 10)
  expect(caches.at(-1)!.tokenRatio).toBeCloseTo((197 * 1024) / (200 * 1120), 10)
})
