import { expect, test } from 'vitest'
import { blockHashes } from '../../../simulator/engine/block-hashes.ts'
import {
  type Engine,
  type EngineConfig,
  type EngineRequest,
  engine,
  type Token,
} from '../../../simulator/engine/engine.ts'
import { random } from '../../support/random.ts'

/** A step takes 1 ms, 1 ms more for each request and 1 ms for each 10 prompt tokens. */
const PLAIN: EngineConfig = {
  maxNumSeqs: 4,
  maxNumBatchedTokens: 100,
  numGpuBlocks: 100,
  blockSize: 4,
  prefixCaching: true,
  cost: {
    stepMs: 1,
    msPerSeq: 1,
    msPerSeqSquared: 0,
    msPerKilotoken: 0,
    prefillTokensPerSecond: 10_000,
    coldFactor: 0,
    coldMs: 0,
    noise: 0,
  },
}
const asks = (
  id: number,
  ids: number[],
  outputTokens: number,
  blockSize = PLAIN.blockSize,
): EngineRequest => ({
  id,
  promptTokens: ids.length,
  outputTokens,
  hashes: blockHashes(ids, blockSize),
})
/** A prompt of its own: no two of these share a token. */
const prompt = (id: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => 1000 * id + i)

/** Runs arrivals (ms) through an engine in virtual time; `look` is called after each step. */
function run(
  config: EngineConfig,
  arrivals: [atMs: number, EngineRequest][],
  { seed = 0, look = (_: Engine) => {} } = {},
) {
  const machine = engine(config, seed)
  const tokens: Token[] = []
  const left = [...arrivals].sort(([a], [b]) => a - b)
  let nowNs = 0
  for (;;) {
    const arrivalNs = left.length > 0 ? left[0]![0] * 1e6 : Number.POSITIVE_INFINITY
    if (Math.min(arrivalNs, machine.dueNs()) === Number.POSITIVE_INFINITY) break
    nowNs = Math.min(arrivalNs, machine.dueNs())
    tokens.push(...machine.step(nowNs))
    while (left.length > 0 && left[0]![0] * 1e6 <= nowNs) machine.add(left.shift()![1], nowNs)
    if (machine.dueNs() === Number.POSITIVE_INFINITY) machine.step(nowNs)
    look(machine)
  }
  return {
    machine,
    tokens,
    msOf: (id: number) => tokens.filter(t => t.id === id).map(t => t.atNs / 1e6),
  }
}

test('alone: the prompt, then a token a step', () => {
  // Prefill of 20 tokens: 1 + 1 + 2 ms; each further step 2 ms.
  expect(run(PLAIN, [[10, asks(0, prompt(0, 20), 3)]]).msOf(0)).toEqual([14, 16, 18])
})

test("a prompt that comes delays the others' decoding", () => {
  const { msOf } = run(PLAIN, [
    [0, asks(0, prompt(0, 20), 5)],
    [5, asks(1, prompt(1, 50), 2)],
  ])
  // The step 4–6 ends; the next has 1 decode and 50 prompt tokens: 1 + 2 + 5 = 8 ms, to 14.
  expect(msOf(0)).toEqual([4, 6, 14, 17, 19])
  expect(msOf(1)).toEqual([14, 17])
})

test('a prompt longer than a step is computed in chunks', () => {
  // 100, 100 and 50 tokens: 12 + 12 + 7 ms.
  const { msOf, machine } = run(PLAIN, [[0, asks(0, prompt(0, 250), 2)]])
  expect(msOf(0)).toEqual([31, 33])
  expect(machine.counts.steps).toBe(4)
})

test('beyond --max-num-seqs they wait, first come first served', () => {
  const { msOf } = run({ ...PLAIN, maxNumSeqs: 1 }, [
    [0, asks(0, prompt(0, 10), 2)],
    [0, asks(1, prompt(1, 10), 2)],
  ])
  // 3 ms for the prompt, 2 ms for the second token, then the other.
  expect(msOf(0)).toEqual([3, 5])
  expect(msOf(1)).toEqual([8, 10])
})

test('a prefix that has been seen is not computed again', () => {
  const shared = prompt(7, 20)
  const { msOf, tokens, machine } = run(PLAIN, [
    [0, asks(0, [...shared, 1, 2, 3, 4], 1)],
    [100, asks(1, [...shared, 5, 6, 7, 8], 1)],
    [200, asks(2, shared, 1)],
    [300, asks(3, [9, ...shared], 1)],
  ])
  const cached = [0, 1, 2, 3].map(id => tokens.find(t => t.id === id)!.cachedTokens)
  // The whole of a prompt is never taken from the cache: its last token is computed, so 16 of 20.
  expect(cached).toEqual([0, 20, 16, 0])
  // 1 + 1 + 0.4 ms for the four tokens that differ.
  expect(msOf(1)).toEqual([102.4])
  expect(machine.counts).toMatchObject({ prefix_cache_queries: 89, prefix_cache_hits: 36 })
})

test('an answer is part of the next prompt, and is found', () => {
  const first = [...prompt(1, 8), 50, 51, 52, 53, 54]
  const { tokens } = run(PLAIN, [
    [0, { ...asks(0, first, 5), promptTokens: 8 }],
    [100, asks(1, [...first, 60, 61, 62], 1)],
  ])
  // 13 tokens of which the last was never computed: 12, that is three blocks.
  expect(tokens.at(-1)!.cachedTokens).toBe(12)
})

test('without prefix caching nothing is found', () => {
  const same: [number, EngineRequest][] = [0, 100].map((ms, id) => [ms, asks(id, prompt(1, 20), 1)])
  const { tokens } = run({ ...PLAIN, prefixCaching: false }, same)
  expect(tokens.map(({ cachedTokens }) => cachedTokens)).toEqual([0, 0])
})

test('where blocks run out the youngest is pre-empted, and computed again', () => {
  // Six blocks of 4: each holds 8 tokens in two and needs a third for its second token, a fourth for its sixth.
  const config = { ...PLAIN, numGpuBlocks: 6, prefixCaching: false }
  const { msOf, machine } = run(config, [
    [0, asks(0, prompt(0, 8), 6)],
    [0, asks(1, prompt(1, 8), 6)],
  ])
  // One step for both prompts (1 + 2 + 1.6); four of 3 ms for two to five tokens; then nobody has a
  // block for the thirteenth token: 1 goes, 0 has its sixth alone, and 1 computes 13 tokens anew.
  expect(msOf(0)).toEqual([4.6, 7.6, 10.6, 13.6, 16.6, 18.6])
  expect(msOf(1).slice(0, 5)).toEqual([4.6, 7.6, 10.6, 13.6, 16.6])
  expect(msOf(1)[5]).toBeCloseTo(18.6 + 1 + 1 + 1.3, 9)
  expect(machine.counts.num_preemptions).toBe(1)
})

test('a client that leaves frees its blocks, running, waiting or in mid-step', () => {
  const machine = engine({ ...PLAIN, maxNumSeqs: 1 }, 0)
  machine.add(asks(0, prompt(0, 20), 9), 0)
  machine.add(asks(1, prompt(1, 20), 9), 0)
  machine.step(0)
  expect([machine.nRunning(), machine.nWaiting(), machine.nBlocksHeld()]).toEqual([1, 1, 5])
  machine.abort(1)
  machine.abort(0)
  machine.abort(0)
  expect([machine.nRunning(), machine.nWaiting(), machine.nBlocksHeld()]).toEqual([0, 0, 0])
  expect(machine.step(machine.dueNs())).toEqual([])
  expect(machine.dueNs()).toBe(Number.POSITIVE_INFINITY)
})

test('steps follow each other as the engine computed them, however late it is asked', () => {
  const machine = engine(PLAIN, 0)
  machine.add(asks(0, prompt(0, 20), 4), 0)
  machine.step(0)
  const atMs: number[] = []
  while (machine.dueNs() <= 1e9) for (const { atNs } of machine.step(1e9)) atMs.push(atNs / 1e6)
  expect(atMs).toEqual([4, 6, 8, 10])
})

/** A random load that shares prefixes and overflows the pool. */
function busy(seed: number): [number, EngineRequest][] {
  const next = random(seed)
  return Array.from({ length: 60 }, (_, id) => {
    const shared = prompt(1 + Math.floor(next() * 3), 4 * Math.floor(next() * 10))
    const ids = [...shared, ...prompt(100 + id, 1 + Math.floor(next() * 60))]
    return [Math.floor(next() * 300), asks(id, ids, 1 + Math.floor(next() * 40))]
  })
}
const TIGHT = {
  ...PLAIN,
  numGpuBlocks: 40,
  maxNumBatchedTokens: 30,
  cost: { ...PLAIN.cost, noise: 0.2 },
}

test.each([1, 2, 3, 4, 5, 6])('a tight pool, load %d: every token once, no limit passed', seed => {
  const arrivals = busy(seed)
  const { machine, tokens } = run(TIGHT, arrivals, {
    look: ({ nRunning, nBlocksHeld }) => {
      expect(nRunning()).toBeLessThanOrEqual(TIGHT.maxNumSeqs)
      expect(nBlocksHeld()).toBeLessThanOrEqual(TIGHT.numGpuBlocks)
    },
  })
  expect(machine.counts.num_preemptions).toBeGreaterThan(0)
  expect([machine.nRunning(), machine.nWaiting(), machine.nBlocksHeld()]).toEqual([0, 0, 0])
  for (const [atMs, { id, outputTokens }] of arrivals) {
    const mine = tokens.filter(token => token.id === id)
    expect(mine.map(({ index }) => index)).toEqual([...Array(outputTokens).keys()])
    expect(mine.filter(({ isLast }) => isLast)).toEqual([mine.at(-1)])
    expect(mine[0]!.atNs).toBeGreaterThan(atMs * 1e6)
  }
  const times = tokens.map(({ atNs }) => atNs)
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('the same seed gives the same times, another seed others', () => {
  const once = run(TIGHT, busy(1), { seed: 3 }).tokens
  expect(run(TIGHT, busy(1), { seed: 3 }).tokens).toEqual(once)
  expect(run(TIGHT, busy(1), { seed: 4 }).tokens).not.toEqual(once)
})
