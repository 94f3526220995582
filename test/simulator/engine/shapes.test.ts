import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tooLongForEngine } from '../../../simulator/refusal.ts'
import { closedLoop, engineOf } from './closed-loop.ts'

// The documented setting is `--engine --replicas 8`; here it is a quarter of it, and so is the load.
const QUARTER = engineOf('--replicas', '2', '--cold-factor', '0')
const level = (concurrency: number) =>
  closedLoop(QUARTER, { concurrency, requests: 250, isl: 1000, osl: 500 })

test('throughput peaks near concurrency 200 and falls at 500, time to first token climbs', () => {
  const levels = [3, 13, 25, 50, 125].map(level)
  const rates = levels.map(({ tokensPerS }) => tokensPerS)
  const upTo200 = rates.slice(0, 4)
  expect(upTo200).toEqual([...upTo200].sort((a, b) => a - b))
  const fall = rates[4]! / rates[3]!
  expect(fall).toBeLessThan(0.9)
  expect(fall).toBeGreaterThan(0.7)
  const ttftsMs = levels.map(({ ttftMs }) => ttftMs)
  expect(ttftsMs).toEqual([...ttftsMs].sort((a, b) => a - b))
  expect(ttftsMs[4]!).toBeGreaterThan(2.5 * ttftsMs[0]!)
})

test('the first slice is cold', () => {
  const load = { concurrency: 8, requests: 300, isl: 4000, osl: 200 }
  const { sentMs, ttftsMs } = closedLoop(engineOf('--replicas', '2'), load)
  const meanIn = (fromMs: number, toMs: number): number => {
    const slice = ttftsMs.filter((_, id) => sentMs[id]! >= fromMs && sentMs[id]! < toMs)
    return slice.reduce((sum, ms) => sum + ms, 0) / slice.length
  }
  expect(meanIn(0, 5000)).toBeGreaterThan(1.2 * meanIn(10_000, 15_000))
  expect(meanIn(10_000, 15_000)).toBeLessThan(1.1 * meanIn(20_000, 25_000))
})

test('a small pool pre-empts, and goes on', () => {
  const small = engineOf('--replicas', '2', '--num-gpu-blocks', '2100', '--cold-factor', '0')
  const load = { concurrency: 125, requests: 250, isl: 1000, osl: 500 }
  const { preemptions, ttftMs } = closedLoop(small, load)
  expect(preemptions).toBeGreaterThan(20)
  // Of 62 requests in each replica some 27 fit: the others wait.
  expect(ttftMs).toBeGreaterThan(1500)
})

test("vLLM's words for a prompt, or an answer, that is too long", () => {
  expect(tooLongForEngine(100, 60, 40)).toBeUndefined()
  expect(tooLongForEngine(100, 60, 41)).toBe(
    "'max_tokens' or 'max_completion_tokens' is too large: 41. This model's maximum context length is 100 tokens and your request has 60 input tokens (41 > 100 - 60).",
  )
  expect(tooLongForEngine(100, 100, 1)).toBe(
    "This model's maximum context length is 100 tokens. However, your request has 100 input tokens. Please reduce the length of the input messages.",
  )
})

const TRACE = '/work/shared/data/mooncake_conversation_trace.jsonl'

test.skipIf(!existsSync(TRACE))('the conversation trace at a 32 K context', () => {
  const rows = readFileSync(TRACE, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { input_length: number; output_length: number })
  const refused = (maxModelLen: number): number =>
    rows.filter(row => tooLongForEngine(maxModelLen, row.input_length, row.output_length)).length
  expect([rows.length, refused(engineOf().maxModelLen), refused(40_960)]).toEqual([
    12_031, 846, 574,
  ])
})
