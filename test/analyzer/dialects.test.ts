import { describe, expect, test } from 'vitest'
import { askDialects, changesOf, DIALECT_METRICS, readingsOf } from '../../analyzer/dialects.ts'
import { readModels } from '../../analyzer/models.ts'
import { chatChunk, DONE, openLiteral, type RequestLiteral, usageChunk } from '../support/tape.ts'

const ROLE = chatChunk({ role: 'assistant', content: '' })
const FINISH = chatChunk({}, 'stop')
const text = (content: string): string => chatChunk({ content })
const usage = (completion_tokens: number): string =>
  usageChunk({ prompt_tokens: 5, completion_tokens })

// Tokens of the client: letters with the space before them, so " big world" is two.
const REQUESTS: RequestLiteral[] = [
  {
    scheduled: 0,
    sent: 0,
    reads: [
      [10, ROLE],
      [30, text('hello')],
      [50, text(' big world')],
      [70, FINISH],
      [72, usage(5)],
      [74, DONE],
    ],
    end: 75,
  },
  {
    scheduled: 95,
    sent: 100,
    reads: [
      [110, ROLE],
      [140, chatChunk({ reasoning_content: 'think' })],
      [160, text(' a')],
      [165, FINISH],
      [168, usage(2)],
      [169, DONE],
    ],
    end: 170,
  },
  // Cut short: neither finish_reason nor [DONE].
  {
    scheduled: 200,
    sent: 200,
    reads: [
      [205, ROLE],
      [220, text('one')],
    ],
    end: 221,
  },
  // Broken off by an error object.
  {
    scheduled: 300,
    sent: 300,
    reads: [
      [301, ROLE],
      [310, 'data: {"error":{"message":"out of memory"}}\n\n'],
    ],
    end: 311,
  },
  { scheduled: 390, sent: 390, status: 500, headers: 400, reads: [[400, '{}']], end: 401 },
  { scheduled: 0, sent: 0, tokens: [1, 2], phase: 'warmup' },
].map(request => ({ requested_output_tokens: 8, ...request }) as RequestLiteral)

const tapes = await openLiteral(REQUESTS)
const answer = await askDialects(tapes, [50, 99])

/** Mean, p50 and p99 of what has samples; the value of what is one of the run. */
const numbersOf = (dialect: string): Record<string, number | number[]> =>
  Object.fromEntries(
    readingsOf(answer, 'a', dialect).map(({ metric, n, mean, percentiles }) => [
      metric.metric,
      n === null ? mean : [n, mean, ...percentiles],
    ]),
  )

// Worked out by hand from the instants above: [n, mean, p50, p99] in ms.
const EXPECTED: Record<string, Record<string, number | number[]>> = {
  // Both whole answers. TPOT: 20 / (3 - 1) and 20 / (2 - 1).
  aiperf: {
    ttft: [2, 35, 35, 39.9],
    tpot: [2, 15, 15, 19.9],
    itl: [2, 20, 20, 20],
    latency: [2, 55, 55, 59.9],
    tokens: [2, 2.5, 2.5, 2.99],
    requests: 2,
    output_tokens: 5,
    duration: 0.16,
    request_rate: 12.5,
    output_token_rate: 31.25,
  },
  // Neither role nor finish nor reasoning_content counts: of the error's answer nothing. TPOT: 20 / 4 and 0 / 1.
  vllm: {
    ttft: [3, 110 / 3, 30, 59.4],
    tpot: [2, 2.5, 2.5, 4.95],
    itl: [1, 20, 20, 20],
    latency: [3, 130 / 3, 50, 59.8],
    tokens: [3, 8 / 3, 2, 4.94],
    requests: 3,
    output_tokens: 8,
    duration: 0.401,
    request_rate: 3 / 0.401,
    output_token_rate: 8 / 0.401,
  },
  // The role counts, and all four that had one. TPOT: 60 / 4 and 55 / 1. Gaps: 20 20 20, 30 20 5, 15.
  'vllm-rust': {
    ttft: [4, 6.5, 7.5, 10],
    tpot: [2, 35, 35, 54.6],
    itl: [7, 130 / 7, 20, 29.4],
    latency: [4, 39, 42.5, 69.85],
    tokens: [3, 8 / 3, 2, 4.94],
    requests: 4,
    output_tokens: 8,
    duration: 0.401,
    request_rate: 4 / 0.401,
    output_token_rate: 8 / 0.401,
  },
  // To [DONE]; without usage as many tokens as asked for; without a token 0 ms. TPOT: 44 / 4, 29, 0 / 7, 10 / 7.
  sglang: {
    ttft: [4, 22.5, 25, 39.7],
    tpot: [4, (11 + 29 + 10 / 7) / 4, (11 + 10 / 7) / 2, 28.46],
    itl: [2, 20, 20, 20],
    latency: [4, 43.25, 44.5, 73.85],
    tokens: [4, 5.75, 6.5, 8],
    requests: 4,
    output_tokens: 23,
    duration: 0.401,
    request_rate: 4 / 0.401,
    output_token_rate: 23 / 0.401,
  },
  // TPOT: 50 / 5, 60 / 2, 20 / 1 with weights 5, 2, 1; ITL: 20 / 4 and 20 / 1 with weights 4 and 1.
  guidellm: {
    ttft: [3, 30, 30, 40],
    tpot: [3, 130 / 8, 10, 30],
    itl: [2, 8, 5, 20],
    latency: [3, 166 / 3, 70, 75],
    tokens: [3, 8 / 3, 2, 5],
    requests: 3,
    output_tokens: 8,
    duration: 0.401,
    request_rate: 3 / 0.401,
    output_token_rate: 8 / 0.401,
  },
  // Only the first has two tokens of text: at 30, 50 and 50.
  'inference-perf': {
    ttft: [1, 30, 30, 30],
    tpot: [1, 10, 10, 10],
    itl: [2, 10, 10, 19.8],
    latency: [3, 166 / 3, 70, 74.9],
    tokens: [3, 5 / 3, 1, 2.96],
    requests: 3,
    output_tokens: 5,
    duration: 0.401,
    request_rate: 3 / 0.401,
    output_token_rate: 5 / 0.401,
  },
  // To the usage message: 72, 68, and 21 where there is none. TPOT: 42 / 4 and 28.
  'genai-bench': {
    ttft: [3, 30, 30, 39.8],
    tpot: [2, 19.25, 19.25, 27.825],
    latency: [3, 161 / 3, 68, 71.92],
    tokens: [3, 8 / 3, 2, 4.94],
    requests: 3,
    output_tokens: 8,
    duration: 0.401,
    request_rate: 3 / 0.401,
    output_token_rate: 8 / 0.401,
  },
  // From the send to the last text, over 4, 4 and 2 messages: 50 / 4, 60 / 4, 20 / 2.
  llmperf: {
    ttft: [3, 110 / 3, 30, 59.4],
    tpot: [3, 12.5, 12.5, 14.95],
    latency: [3, 166 / 3, 70, 74.9],
    tokens: [3, 5 / 3, 1, 2.96],
    requests: 3,
    output_tokens: 5,
    duration: 0.401,
    request_rate: 3 / 0.401,
    output_token_rate: 5 / 0.401,
  },
  // From the schedule. TPOT: 45 / 4 and 30. sorted[int(2 * 0.5)] is the second.
  loadgen: {
    ttft: [2, 37.5, 45, 45],
    tpot: [2, 20.625, 30, 30],
    latency: [2, 75, 75, 75],
    tokens: [2, 3.5, 5, 5],
    requests: 2,
    output_tokens: 7,
    duration: 0.17,
    request_rate: 1 / 0.17,
    output_token_rate: 7 / 0.17,
  },
  // To the last message but [DONE]: 72, 68, 20. The error object ends the run at 310.
  evalscope: {
    ttft: [3, 30, 30, 40],
    tpot: [2, 19.25, 10.5, 28],
    itl: [2, 20, 20, 20],
    latency: [3, 160 / 3, 68, 72],
    tokens: [3, 8 / 3, 2, 5],
    requests: 3,
    output_tokens: 8,
    duration: 0.31,
    request_rate: 3 / 0.31,
    output_token_rate: 8 / 0.31,
  },
  // The role counts. TPOT: 62 / 4 and 58 / 1.
  'evalscope-1.4': {
    ttft: [4, 6.5, 10, 10],
    tpot: [2, 36.75, 58, 58],
    itl: [7, 130 / 7, 20, 30],
    latency: [4, 42.5, 68, 72],
    tokens: [3, 8 / 3, 2, 5],
    requests: 4,
    output_tokens: 8,
    duration: 0.31,
    request_rate: 4 / 0.31,
    output_token_rate: 8 / 0.31,
  },
}

describe('the numbers of a dialect are those worked out by hand', () => {
  test.each(Object.keys(EXPECTED))('%s', dialect => {
    const found = numbersOf(dialect)
    expect(Object.keys(found)).toEqual(Object.keys(EXPECTED[dialect]!))
    for (const [metric, expected] of Object.entries(EXPECTED[dialect]!)) {
      const numbers = [found[metric]!].flat()
      for (const [i, value] of [expected].flat().entries())
        expect(numbers[i], `${metric} ${i}`).toBeCloseTo(value, 9)
    }
  })
})

test('every dialect has its numbers worked out, a header and known rules', async () => {
  expect(answer.dialects.map(({ dialect }) => String(dialect)).sort()).toEqual(
    Object.keys(EXPECTED).sort(),
  )
  for (const { layer, name, header, definition } of readModels().filter(
    model => model.layer === '5_dialects',
  )) {
    expect(definition, layer).toMatch(/\.$/)
    expect(Object.keys(header), name).toEqual(
      expect.arrayContaining(['tool', 'source', 'token', 'population', 'percentiles', 'failures']),
    )
  }
  const unknown = await tapes.query(`
    from (unpivot (select dialect, success, start, first, no_token, needs_tokens::varchar as needs_tokens, chunk, until, tokens,
      tpot_from, tpot_to, tpot_over, tpot_least_ns::varchar as tpot_least_ns, itl, percentiles, duration, rate from dialects)
      on columns(* exclude (dialect)) into name rule value value)
    anti join dialect_rules using (rule, value)`)
  expect(unknown).toEqual([])
})

test('what the rules change adds up to the whole difference', () => {
  const of = (dialect: string) => new Map(readingsOf(answer, 'a', dialect).map(r => [r.metric, r]))
  const ours = of('aiperf')
  for (const dialect of Object.keys(EXPECTED)) {
    const theirs = of(dialect)
    const changes = changesOf(answer, 'a', dialect)
    for (const metric of DIALECT_METRICS) {
      if (!theirs.has(metric)) continue
      const own = changes.filter(change => change.metric === metric)
      const sum = (part: (change: { mean: number; percentiles: number[] }) => number): number =>
        own.reduce((total, change) => total + part(change), 0)
      const label = `${dialect} ${metric.metric}`
      const [a, b] = [ours.get(metric)!, theirs.get(metric)!]
      expect(
        sum(({ mean }) => mean),
        label,
      ).toBeCloseTo(b.mean - a.mean, 9)
      for (const [i, value] of b.percentiles.entries())
        expect(
          sum(({ percentiles }) => percentiles[i]!),
          label,
        ).toBeCloseTo(value - a.percentiles[i]!, 9)
    }
  }
})

test('each rule has its own share of the difference', () => {
  const changes = changesOf(answer, 'a', 'vllm-rust').filter(
    ({ metric }) => metric.metric === 'ttft',
  )
  // First tokens at 30, 40 and, of the answer cut short, 20; of roles at 10, 10, 5 and 1.
  expect(changes.map(({ rule, mean }) => [rule, mean])).toEqual([
    ['success', -5],
    ['first', -23.5],
  ])
  const guidellm = changesOf(answer, 'a', 'guidellm').filter(
    ({ metric }) => metric.metric === 'tpot',
  )
  // 10 and 20; with usage 5 and 20; from the send 12.5, 60; over all tokens 10, 30, 20, by weight 16.25.
  expect(guidellm.map(({ rule, mean }) => [rule, mean])).toEqual([
    ['tokens', expect.closeTo(-2.5, 9)],
    ['tpot_from', expect.closeTo(36.25 - 12.5, 9)],
    ['tpot_over', expect.closeTo(16.25 - 36.25, 9)],
    ['percentiles', 0],
  ])
})

test('the bytes that vLLM 0.33 itself was measured with: its two clients differ as ours do', async () => {
  // A role at 60 ms, text at 120, five tokens a chunk, finish 40 ms after the last and usage 80 ms.
  const five = (i: number): [number, string] => [120 + 60 * i, text(' a b c d e')]
  const measured = (chunk: (i: number) => [number, string]) =>
    openLiteral([
      {
        sent: 0,
        reads: [
          [60, ROLE],
          [120, text('one')],
          ...Array.from({ length: 9 }, (_, i) => chunk(i + 1)),
          [700, FINISH],
          [740, usage(46)],
          [741, DONE],
        ],
        end: 742,
      },
    ])
  const readBy = async (found: Awaited<ReturnType<typeof measured>>, dialect: string) =>
    Object.fromEntries(
      readingsOf(await askDialects(found, [50], dialect), 'a', dialect).map(({ metric, mean }) => [
        metric.metric,
        mean,
      ]),
    )
  const spoken = await measured(five)
  // The tool, with its own lateness: 124, 12.0, 663, and its Rust client 61.4, 14.22, 701.
  expect(await readBy(spoken, 'vllm')).toMatchObject({ ttft: 120, tpot: 12, latency: 660 })
  expect(await readBy(spoken, 'vllm-rust')).toMatchObject({
    ttft: 60,
    tpot: expect.closeTo(640 / 45, 9),
    latency: 700,
  })
  // SGLang's key for reasoning: the one does not see it, the other does.
  const thinking = await measured(i =>
    i < 8 ? [120 + 60 * i, chatChunk({ role: null, reasoning_content: ' hm' })] : five(i),
  )
  const unsaid = await measured(i => [120 + 60 * i, chatChunk({ content: '' })])
  expect(await readBy(thinking, 'vllm')).toMatchObject({ ttft: 120, itl: 270, latency: 660 })
  expect(await readBy(unsaid, 'vllm')).toMatchObject({ ttft: 120, itl: 60, latency: 660 })
})

test('a request is a success to vLLM when a token came', async () => {
  const only = (delta: object) =>
    openLiteral([
      {
        sent: 0,
        reads: [
          [10, ROLE + chatChunk(delta)],
          [20, FINISH + DONE],
        ],
        end: 21,
      },
    ])
  const requests = async (delta: object, dialect: string) => {
    const found = readingsOf(await askDialects(await only(delta), [50], dialect), 'a', dialect)
    return found.find(({ metric }) => metric.metric === 'requests')!.mean
  }
  expect(await requests({ reasoning_content: 'hm' }, 'vllm')).toBe(0)
  expect(await requests({ reasoning_content: 'hm' }, 'vllm-rust')).toBe(1)
  expect(await requests({ reasoning: 'hm' }, 'vllm')).toBe(1)
  expect(await requests({ tool_calls: [{ index: 0, id: 'call-1' }] }, 'vllm')).toBe(1)
  expect(
    await requests({ reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] }, 'vllm'),
  ).toBe(0)
  expect(await requests({ audio: { transcript: 'hm' } }, 'vllm')).toBe(0)
  expect(await requests({ content: '' }, 'vllm')).toBe(1)
  expect(await requests({ role: 'assistant', content: '' }, 'vllm')).toBe(0)
})

test('what is no JSON has no choice that a tool could count', async () => {
  const tape = await openLiteral([
    {
      sent: 0,
      reads: [
        [10, text('a')],
        [20, text(' b')],
        [50, 'data: {"choices":[{"ind\n\n'],
        [60, FINISH + DONE],
      ],
      end: 61,
    },
  ])
  for (const dialect of ['vllm-rust', 'evalscope-1.4']) {
    const found = readingsOf(await askDialects(tape, [50], dialect), 'a', dialect)
    const itl = found.find(({ metric }) => metric.metric === 'itl')!
    expect({ dialect, n: itl.n, mean: itl.mean }).toEqual({ dialect, n: 2, mean: 25 })
  }
})

test('of a completion every message with a choice is a token to vLLM', async () => {
  const choice = (text: string, finish_reason: string | null = null): string =>
    `data: ${JSON.stringify({ choices: [{ index: 0, text, finish_reason }] })}\n\n`
  const completion = await openLiteral(
    [
      {
        sent: 0,
        reads: [
          [10, choice('')],
          [30, choice('a')],
          [40, choice('', 'stop') + DONE],
        ],
        end: 41,
      },
    ],
    { manifest: { endpoint: { type: 'completions', streaming: true, urls: [], model: 'm' } } },
  )
  const found = readingsOf(await askDialects(completion, [50], 'vllm'), 'a', 'vllm')
  expect(found.find(({ metric }) => metric.metric === 'ttft')!.mean).toBe(10)
  expect(found.find(({ metric }) => metric.metric === 'latency')!.mean).toBe(40)
})

test('gaps of chunks that are as many but not the same are pooled apart', async () => {
  const found = await openLiteral([
    {
      sent: 0,
      // Two of content, two of what vLLM counts.
      reads: [
        [10, chatChunk({ reasoning_content: 'hm' })],
        [30, text('a')],
        [70, chatChunk({ content: '' })],
        [80, FINISH + DONE],
      ],
      end: 81,
    },
  ])
  const both = await askDialects(found, [50])
  const itl = (dialect: string): number =>
    readingsOf(both, 'a', dialect).find(({ metric }) => metric.metric === 'itl')!.mean
  expect([itl('aiperf'), itl('vllm')]).toEqual([20, 40])
})

test('aiperf has the numbers of our own metrics', async () => {
  const ours = {
    ttft: 'time_to_first_token',
    tpot: 'inter_token_latency',
    itl: 'inter_chunk_latency',
    latency: 'request_latency',
    tokens: 'output_sequence_length',
    duration: 'benchmark_duration',
    request_rate: 'request_throughput',
    output_token_rate: 'output_token_throughput',
  }
  for (const [metric, name] of Object.entries(ours)) {
    const [summary] = await tapes.query(`from summary('${name}')`)
    const reading = readingsOf(answer, 'a', 'aiperf').find(found => found.metric.metric === metric)!
    expect(reading.mean * reading.metric.divisor).toBeCloseTo(Number(summary!['avg']), 6)
    const percentiles = summary!['percentiles'] as number[]
    for (const [i, value] of reading.percentiles.entries())
      expect(value * reading.metric.divisor).toBeCloseTo(percentiles[i]!, 6)
  }
})

test('in a closed loop loadgen counts from the send', async () => {
  const closed = await openLiteral([{ sent: 10, tokens: [30, 40] }])
  const reading = readingsOf(await askDialects(closed, [50], 'loadgen'), 'a', 'loadgen')
  expect(reading.find(({ metric }) => metric.metric === 'ttft')!.mean).toBe(20)
})

test('genai-bench drops a time per output token of less than 1 ms', async () => {
  const quick = (end: number): RequestLiteral => ({
    sent: 0,
    reads: [
      [10, text('a b')],
      [10, FINISH],
      [end, usage(2) + DONE],
    ],
  })
  const quickly = await openLiteral([quick(10.9), quick(11)])
  const [tpot] = readingsOf(
    await askDialects(quickly, [50], 'genai-bench'),
    'a',
    'genai-bench',
  ).filter(({ metric }) => metric.metric === 'tpot')
  expect(tpot).toMatchObject({ n: 1, mean: 1 })
})

test('a run without a success has no latencies, and no numbers are made up', async () => {
  const failed = await openLiteral([{ sent: 0, outcome: 'timeout', end: 50 }])
  for (const { dialect } of answer.dialects) {
    const readings = readingsOf(
      await askDialects(failed, [50], String(dialect)),
      'a',
      String(dialect),
    )
    expect(readings.filter(({ n }) => n !== null)).toEqual([])
    expect(readings.find(({ metric }) => metric.metric === 'requests')!.mean).toBe(0)
    expect(readings.map(({ metric }) => metric.metric)).not.toContain('output_tokens')
  }
})
