import { describe, expect, test } from 'vitest'
import { cut } from '../../../recorder/traces/cut.ts'
import { merge } from '../../../recorder/traces/merge.ts'
import { sample, sessionsIn } from '../../../recorder/traces/sample.ts'
import { scale } from '../../../recorder/traces/scale.ts'
import { traceLine } from '../../../recorder/traces/trace-line.ts'
import { meanRate } from '../../../recorder/workloads/trace-times.ts'
import { random } from '../../support/random.ts'
import { errorOf } from '../workloads/support.ts'
import { randomTrace, short, traceOf } from './support.ts'

const ALL = { fromNs: 0, toNs: Number.POSITIVE_INFINITY, speedup: 1 }
const SAME = { ratePerS: null, input: 1, output: 1, maxInputTokens: null, maxOutputTokens: null }

const rows = [
  { timestamp: 100, input_length: 1000, output_length: 10, hash_ids: [1, 2] },
  { timestamp: 1100, input_length: 700, output_length: 20, hash_ids: [1, 3], session_id: 'a' },
  { session_id: 'a', delay: 50, input_length: 5, output_length: 6 },
  { timestamp: 2100, input_length: 30, output_length: 30 },
]

describe('cut', () => {
  test('is half open, counts from the first request and divides by the speed-up', () => {
    const trace = traceOf(rows)
    const found = [...cut(trace, { fromNs: 1e9, toNs: 2e9, speedup: 4 })]
    expect(found.map(short)).toEqual([
      [0, 700, 20, [1, 3]],
      [null, 5, 6],
    ])
    expect(found[1]!.delayMs).toBe(12.5)
    expect([...cut(trace, { ...ALL, fromNs: 2e9 })].map(short)).toEqual([[0, 30, 30]])
  })

  test('parts that meet are the whole, at any place', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const next = random(seed)
      const trace = traceOf(randomTrace(next, 60))
      const whole = [...cut(trace, ALL)].map(traceLine)
      const at = Math.floor(next() * 12e9)
      const parts = [
        ...cut(trace, { ...ALL, toNs: at }),
        ...[...cut(trace, { ...ALL, fromNs: at })].map(row => ({ ...row, dueNs: row.dueNs! + at })),
      ]
      expect(parts.map(traceLine)).toEqual(whole)
      // What was written is read as the same again.
      expect([...cut(traceOf(whole), ALL)].map(traceLine)).toEqual(whole)
    }
  })

  test('a trace without times cannot be cut', () => {
    expect(errorOf(() => [...cut(traceOf([{ input_length: 3 }]), ALL)])).toContain('has no times')
  })
})

describe('merge', () => {
  test('puts traces in order of time, apart in ids and sessions', () => {
    const one = traceOf(rows)
    const other = traceOf([
      { timestamp: 5000, input_length: 513, output_length: 1, hash_ids: [0, 1], session_id: 'a' },
      { timestamp: 5500, input_length: 2, output_length: 2 },
    ])
    const found = [...merge([one, other], { keepTimes: false, shareIds: false })]
    expect(found.map(short)).toEqual([
      [0, 1000, 10, [1, 2]],
      [0, 513, 1, [4, 5]],
      [500, 2, 2],
      [1000, 700, 20, [1, 3]],
      [null, 5, 6],
      [2000, 30, 30],
    ])
    expect(found.map(({ sessionId }) => sessionId)).toEqual([null, '1/a', null, '0/a', '0/a', null])
    const kept = [...merge([one, other], { keepTimes: true, shareIds: true })]
    expect(kept.map(({ dueNs }) => dueNs)).toEqual([100e6, 1100e6, null, 2100e6, 5000e6, 5500e6])
    expect(kept[4]!.hashIds).toEqual([0, 1])
  })

  test('every request of every trace is there once, in order of time', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const next = random(seed)
      const traces = [10, 40, 25].map(n => traceOf(randomTrace(next, n)))
      const found = [...merge(traces, { keepTimes: true, shareIds: true })]
      const due = found.map(({ dueNs }) => dueNs!)
      expect(due).toEqual(due.toSorted((a, b) => a - b))
      const lengths = (all: Iterable<{ inputTokens: number | null }>) =>
        [...all].map(({ inputTokens }) => inputTokens!).sort((a, b) => a - b)
      expect(lengths(found)).toEqual(lengths(traces.flatMap(trace => [...trace.rows()])))
    }
  })

  test('blocks of different lengths do not go together', () => {
    const [one, other] = [16, 512].map(blockTokens =>
      traceOf([{ timestamp: 0, input_length: 16, hash_ids: [1] }], { blockTokens }),
    )
    const both = () => [...merge([one!, other!], { keepTimes: false, shareIds: false })]
    expect(errorOf(both)).toContain('blocks of 16 tokens')
  })
})

describe('sample', () => {
  test('takes so many sessions, each whole, and the same for the same seed', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const trace = traceOf(randomTrace(random(seed), 90))
      const whole = [...trace.rows()].map(traceLine)
      const nSessions = sessionsIn(trace)
      const take = (sessions: number) => [...sample(trace, { of: { sessions }, seed })]
      const some = take(20)
      expect(take(20)).toEqual(some)
      const named = new Set(some.map(({ sessionId }) => sessionId).filter(id => id !== null))
      const nAlone = some.filter(({ sessionId }) => sessionId === null).length
      expect(named.size + nAlone).toBe(20)
      const full = [...trace.rows()].filter(({ sessionId }) => named.has(sessionId!))
      expect(some.filter(({ sessionId }) => sessionId !== null)).toEqual(full)
      // In the order and at the times of the trace.
      const lines = some.map(traceLine)
      expect(whole.filter(line => lines.includes(line))).toEqual(lines)
      expect(take(nSessions + 5).map(traceLine)).toEqual(whole)
    }
  })

  test('a share is of the sessions', () => {
    const trace = traceOf(Array.from({ length: 50 }, (_, i) => ({ timestamp: i, input_length: 1 })))
    expect([...sample(trace, { of: { ratio: 0.3 }, seed: 4 })]).toHaveLength(15)
  })
})

describe('scale', () => {
  test('the rate by the times, lengths by factors, within limits', () => {
    const trace = traceOf(rows)
    // Two timed requests are short enough, a second apart: 1/s, to be 3/s.
    const found = [
      ...scale(trace, {
        ...SAME,
        ratePerS: 3,
        output: 2,
        maxOutputTokens: 50,
        maxInputTokens: 900,
      }),
    ]
    expect(found.map(short)).toEqual([
      [0, 700, 40, [1, 3]],
      [null, 5, 12],
      [333.333333, 30, 50],
    ])
  })

  test('the rate asked for is that of the requests kept, whatever else is changed', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const trace = traceOf(randomTrace(random(seed), 80))
      for (const more of [
        {},
        { maxInputTokens: 2500 },
        { maxInputTokens: 4000, input: 1.5 },
        { input: 0.5, output: 3, maxOutputTokens: 9 },
      ]) {
        const kept = [...scale(trace, { ...SAME, ...more, ratePerS: 10 })]
        const again = traceOf(kept.map(traceLine))
        expect(again.times.n).toBeGreaterThan(3)
        expect(meanRate(again.times), JSON.stringify(more)).toBeCloseTo(10, 5)
        expect(kept.find(({ dueNs }) => dueNs !== null)!.dueNs).toBe(0)
      }
      const part = traceOf([...cut(trace, { ...ALL, fromNs: 2e9, toNs: 9e9 })].map(traceLine))
      const some = traceOf([...sample(part, { of: { ratio: 0.5 }, seed })].map(traceLine))
      const scaled = [...scale(some, { ...SAME, ratePerS: 10, maxInputTokens: 2500 })]
      expect(meanRate(traceOf(scaled.map(traceLine)).times)).toBeCloseTo(10, 5)
    }
    expect(
      errorOf(() => [...scale(traceOf(rows), { ...SAME, ratePerS: 3, maxInputTokens: 50 })]),
    ).toContain('within --max-isl 50')
  })

  test('a longer prompt gets blocks of its own, a shorter one loses its last', () => {
    const trace = traceOf(rows)
    const longer = [...scale(trace, { ...SAME, input: 2 })].map(short)
    expect(longer[0]).toEqual([0, 2000, 10, [1, 2, 4, 5]])
    expect(longer[1]).toEqual([1000, 1400, 20, [1, 3, 6]])
    const shorter = [...scale(trace, { ...SAME, input: 0.5 })].map(short)
    expect(shorter[0]).toEqual([0, 500, 10, [1]])
    expect(shorter[1]).toEqual([1000, 350, 20, [1]])
  })

  test('whatever the factor, the trace is one that can be read', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const next = random(seed)
      const trace = traceOf(randomTrace(next, 40))
      const input = 0.1 + next() * 3
      const lines = [...scale(trace, { ...SAME, input })].map(traceLine)
      expect(traceOf(lines).nRequests).toBe(40)
    }
  })

  test('text has its length', () => {
    const trace = traceOf([{ timestamp: 0, text_input: 'some words', output_length: 3 }])
    expect(errorOf(() => [...scale(trace, { ...SAME, input: 2 })])).toContain('--input-factor')
    expect([...scale(trace, { ...SAME, output: 2 })].map(traceLine)).toEqual([
      '{"timestamp":0,"output_length":6,"text_input":"some words"}\n',
    ])
  })
})
