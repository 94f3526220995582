import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { niceWindowNs } from '../../../recorder/traces/arrivals.ts'
import { describeTrace } from '../../../recorder/traces/describe.ts'
import { describeAnswer } from '../../../recorder/traces/describe-answer.ts'
import { describeSvg } from '../../../recorder/traces/describe-svg.ts'
import { openTrace } from '../../../recorder/traces/open-trace.ts'
import { errorOf } from '../workloads/support.ts'
import { traceOf } from './support.ts'

const OPTIONS = { type: null, blockTokens: null, skipBadRows: false }
const opened = (file: string) => openTrace(file, OPTIONS)
const small = new URL('../../golden/traces/small.jsonl', import.meta.url).pathname

test('a small trace, every number checked by hand', () => {
  const described = describeTrace(opened(small), { windowNs: 2e9, cacheBlocks: [2, 3] })
  expect(describeAnswer(described).json).toMatchObject({
    type: 'mooncake_trace',
    requests: 5,
    sessions: 5,
    timed_requests: 5,
    span_s: 4,
    requests_per_s: 1,
    // 512 600 1024 1500 1536
    input_tokens: { n: 5, mean: 1034.4, p25: 600, p50: 1024, p75: 1500, p90: 1521.6, max: 1536 },
    output_tokens: { n: 5, mean: 30, p25: 20, p50: 30, p75: 40, p90: 46, p99: 49.6, max: 50 },
    // 542 650 1034 1520 1576
    total_tokens: { n: 5, mean: 1064.4, p50: 1034, max: 1576 },
    sizes: [
      { from_tokens: 8, below_tokens: 16, input_requests: 0, output_requests: 1 },
      { from_tokens: 16, below_tokens: 32, input_requests: 0, output_requests: 2 },
      { from_tokens: 32, below_tokens: 64, input_requests: 0, output_requests: 2 },
      { from_tokens: 64, input_requests: 0 },
      { from_tokens: 128, input_requests: 0 },
      { from_tokens: 256, input_requests: 0 },
      { from_tokens: 512, below_tokens: 1024, input_requests: 2, output_requests: 0 },
      { from_tokens: 1024, input_requests: 3 },
    ],
    arrivals: {
      // Gaps 1, 1, 0 and 2 s: mean 1, variance 1/2.
      gap_cv: Math.SQRT1_2,
      // Seconds 0 to 3, the last not whole: 1 1 2 0, mean 1, variance 1/2.
      dispersion_1s: 0.5,
      // Windows of 2 s: 2 2, no spread.
      dispersion: 0,
      windows: [
        { from_s: 0, requests: 2, input_tokens: 2524, output_tokens: 30 },
        { from_s: 2, requests: 2, input_tokens: 2048, output_tokens: 70 },
        { from_s: 4, requests: 1, input_tokens: 600, output_tokens: 50 },
      ],
    },
    prefix_sharing: {
      block_tokens: 512,
      blocks: 11,
      distinct_blocks: 6,
      // 0 2 0 2 1
      depth_blocks: { n: 5, mean: 1, p50: 1, max: 2 },
      caches: [
        // Of two blocks 1 and 2 are left for the second request, 9 and 1 for the fourth, none for the last; of
        // three 9, 1 and 2 for the fourth, 1, 2 and 4 for the last.
        { blocks: 2, hit_ratio: 3 / 11, cached_token_ratio: 1536 / 5172 },
        { blocks: 3, hit_ratio: 4 / 11, cached_token_ratio: 2048 / 5172 },
        { blocks: null, hit_ratio: 5 / 11, cached_token_ratio: 2560 / 5172 },
      ],
    },
  })
})

test('a trace without times or ids has no arrivals and no sharing', () => {
  const trace = traceOf([{ input_length: 10, output_length: 2 }, { input_length: 20 }])
  const described = describeTrace(trace, { windowNs: null, cacheBlocks: [1] })
  expect(described).toMatchObject({ spanNs: null, ratePerS: null, arrivals: null, sharing: null })
  expect(describeAnswer(described).json).toMatchObject({
    arrivals: null,
    prefix_sharing: null,
    output_tokens: { n: 1 },
    total_tokens: { n: 1, mean: 12 },
  })
  expect(describeSvg(described)).toContain('requests by input tokens')
})

test('one request, or all at once', () => {
  const one = describeTrace(traceOf([{ timestamp: 5, input_length: 1 }]), {
    windowNs: null,
    cacheBlocks: [1],
  })
  expect(one).toMatchObject({ spanNs: 0, ratePerS: null, nRequests: 1 })
  expect(one.arrivals).toMatchObject({ gapCv: null, dispersion: null })
  const rows = Array.from({ length: 4 }, () => ({ timestamp: 7, input_length: 1 }))
  const burst = describeTrace(traceOf(rows), { windowNs: null, cacheBlocks: [1] })
  expect(burst.arrivals).toMatchObject({ gapCv: null, windows: [{ requests: 4 }] })
})

test('windows are of a round width, and not too many', () => {
  expect([3537e9, 60e9, 1, 0].map(ns => niceWindowNs(ns, 20))).toEqual([200e9, 5e9, 1e6, 1e6])
  const trace = traceOf([0, 1e9].map(timestamp => ({ timestamp, input_length: 1 })))
  const narrow = () => describeTrace(trace, { windowNs: 1e6, cacheBlocks: [1] })
  expect(errorOf(narrow)).toContain('1,000,000,000 windows are too many')
})

test('the picture is well-formed, whatever the file is called', () => {
  const described = describeTrace(opened(small), { windowNs: null, cacheBlocks: [2] })
  const svg = describeSvg({ ...described, file: 'a<b>&"c".jsonl' })
  expect(svg).toContain('a&#60;b&#62;&#38;&#34;c&#34;.jsonl')
  const open = [...svg.matchAll(/<(\w+)(?:[^>]*[^/])?>/g)].map(([, name]) => name).sort()
  expect([...svg.matchAll(/<\/(\w+)>/g)].map(([, name]) => name).sort()).toEqual(open)
  expect(svg).not.toMatch(/NaN|Infinity/)
})

const REAL = '/work/shared/data/mooncake_conversation_trace.jsonl'
describe.skipIf(!existsSync(REAL))('the conversation trace of Mooncake', () => {
  test('has the figures that are known of it', () => {
    const described = describeTrace(opened(REAL), { windowNs: null, cacheBlocks: [10_000] })
    expect(described.nRequests).toBe(12_031)
    expect(described.spanNs! / 1e9).toBeCloseTo(3537, 0)
    expect(Math.round(described.input.mean()!)).toBe(12_035)
    expect(described.input.quantiles([0.5])).toEqual([6909])
    expect(Math.round(described.output.mean()!)).toBe(343)
    const { nBlocks, caches, sampledRatio } = described.sharing!
    expect(nBlocks).toBe(288_500)
    expect(sampledRatio).toBe(1)
    expect((100 * caches.at(-1)!.hitRatio!).toFixed(1)).toBe('36.6')
  })
})
