import { randomFor, standardNormal } from '../timing.ts'
import { blockPool } from './block-pool.ts'
import { type StepCost, stepMs } from './step-time.ts'

export type EngineConfig = {
  maxNumSeqs: number
  maxNumBatchedTokens: number
  numGpuBlocks: number
  /** Tokens of a block. */
  blockSize: number
  prefixCaching: boolean
  cost: StepCost
}

export type EngineRequest = {
  id: number
  promptTokens: number
  /** Tokens that it will answer, at least 1. */
  outputTokens: number
  /** A hash for each full block of prompt and answer, each over all tokens before too; may end early. */
  hashes: Float64Array
}

/** A token of a request, made by the step that ended at `atNs`. */
export type Token = {
  id: number
  index: number
  atNs: number
  isLast: boolean
  cachedTokens: number
}

/** A request in the engine. */
type Sequence = EngineRequest & {
  arrivedNs: number
  /** Tokens that it has, prompt and answer. */
  tokens: number
  /** Of these, computed: their keys and values are in its blocks. */
  computed: number
  blocks: number[]
  /** Blocks that have been named in the cache. */
  named: number
  /** Prompt tokens found in the cache when it was first scheduled; −1 before. */
  cachedTokens: number
  /** Tokens that the step in progress computes; 0 when it is not in it. */
  inStep: number
}

/** Counters since the start, under the names that vLLM's metrics have. */
export type EngineCounts = {
  prefix_cache_queries: number
  prefix_cache_hits: number
  num_preemptions: number
  prompt_tokens: number
  generation_tokens: number
  steps: number
  busy_ns: number
}

/**
 * An inference engine with continuous batching, as a state machine: it has no timer and reads no clock.
 *
 * Each step is made as vLLM v1's scheduler makes it (`vllm/v1/core/sched/scheduler.py`). First the
 * running requests in order of arrival, then those that wait, as long as there are places
 * (`maxNumSeqs`), tokens (`maxNumBatchedTokens`) and blocks. A prompt that does not fit into the step's
 * tokens is computed in chunks, beside the others' decoding. A running request that finds no block
 * pre-empts the youngest: that one loses its blocks, waits in front, and is computed again; then nobody
 * is let in in this step. At the step's end each request whose tokens are all computed has its next.
 *
 * The pool must hold the longest request alone, or it could not go on: whoever makes the engine sees to it.
 *
 * @param seed  the noise of the steps follows from it
 */
export function engine(config: EngineConfig, seed: number) {
  const { blockSize } = config
  const pool = blockPool(config.numGpuBlocks)
  const random = randomFor(seed, 0)
  const waiting: Sequence[] = []
  const running: Sequence[] = []
  let inStep: Sequence[] = []
  let endNs = Number.POSITIVE_INFINITY
  const counts: EngineCounts = {
    prefix_cache_queries: 0,
    prefix_cache_hits: 0,
    num_preemptions: 0,
    prompt_tokens: 0,
    generation_tokens: 0,
    steps: 0,
    busy_ns: 0,
  }

  const blocksFor = (tokens: number): number => Math.ceil(tokens / blockSize)

  /** Names the blocks that will be full when `tokens` are computed. */
  const nameFull = (sequence: Sequence, tokens: number): void => {
    if (!config.prefixCaching) return
    const full = Math.min(Math.floor(tokens / blockSize), sequence.hashes.length)
    for (; sequence.named < full; sequence.named++)
      pool.name(sequence.blocks[sequence.named]!, sequence.hashes[sequence.named]!)
  }
  const schedule = (sequence: Sequence, n: number): void => {
    const tokens = sequence.computed + n
    while (sequence.blocks.length < blocksFor(tokens)) sequence.blocks.push(pool.take())
    nameFull(sequence, tokens)
    sequence.inStep = n
    inStep.push(sequence)
  }
  const preempt = (): Sequence => {
    const victim = running.pop()!
    pool.free(victim.blocks)
    Object.assign(victim, { blocks: [], computed: 0, named: 0 })
    waiting.unshift(victim)
    counts.num_preemptions++
    return victim
  }

  /** Chooses what the next step computes; it is empty when there is nothing to do. */
  function makeStep(): void {
    inStep = []
    let budget = config.maxNumBatchedTokens
    let preempted = false
    for (let i = 0; i < running.length && budget > 0; i++) {
      const sequence = running[i]!
      const n = Math.min(sequence.tokens - sequence.computed, budget)
      const needed = blocksFor(sequence.computed + n) - sequence.blocks.length
      let isIn = true
      while (isIn && pool.nFree() < needed) {
        preempted = true
        isIn = preempt() !== sequence
      }
      if (!isIn) break
      schedule(sequence, n)
      budget -= n
    }
    while (!preempted && waiting.length > 0 && running.length < config.maxNumSeqs && budget > 0) {
      const sequence = waiting[0]!
      // The last token is computed anew in any case: its output is the next token.
      const most = Math.floor((sequence.tokens - 1) / blockSize)
      const hits = config.prefixCaching ? pool.found(sequence.hashes, most) : []
      const cached = hits.length * blockSize
      const n = Math.min(sequence.tokens - cached, budget)
      const needed = blocksFor(cached + n) - hits.length
      if (pool.nFree() - pool.freeAmong(hits) < needed) break
      waiting.shift()
      running.push(sequence)
      pool.share(hits)
      sequence.blocks = hits
      sequence.named = hits.length
      sequence.computed = cached
      if (sequence.cachedTokens < 0) {
        sequence.cachedTokens = cached
        counts.prefix_cache_queries += sequence.promptTokens
        counts.prefix_cache_hits += cached
      }
      schedule(sequence, n)
      budget -= n
    }
  }

  function begin(nowNs: number): void {
    makeStep()
    endNs = Number.POSITIVE_INFINITY
    if (inStep.length === 0) return
    let prefillTokens = 0
    let contextTokens = 0
    for (const { inStep: n, computed } of inStep) {
      contextTokens += computed
      if (n > 1) prefillTokens += n
    }
    const load = { seqs: inStep.length, prefillTokens, contextTokens }
    const ms = stepMs(config.cost, load, counts.busy_ns / 1e6, standardNormal(random))
    endNs = nowNs + ms * 1e6
    counts.steps++
    counts.busy_ns += ms * 1e6
  }

  function end(tokens: Token[]): void {
    for (const sequence of inStep) {
      sequence.computed += sequence.inStep
      sequence.inStep = 0
      if (sequence.computed < sequence.tokens) continue
      const index = sequence.tokens - sequence.promptTokens
      sequence.tokens++
      const isLast = index + 1 === sequence.outputTokens
      const { id, cachedTokens } = sequence
      if (index === 0) counts.prompt_tokens += sequence.promptTokens
      counts.generation_tokens++
      tokens.push({ id, index, atNs: endNs, isLast, cachedTokens })
      if (isLast) remove(sequence)
    }
  }

  function remove(sequence: Sequence): void {
    const at = running.indexOf(sequence)
    if (at !== -1) running.splice(at, 1)
    pool.free(sequence.blocks)
    sequence.blocks = []
  }

  return {
    counts,
    nRunning: (): number => running.length,
    nWaiting: (): number => waiting.length,
    /** Share of the blocks that running requests hold, 0 to 1. */
    kvCacheUsage: (): number => 1 - pool.nFree() / pool.nBlocks,
    nBlocksHeld: (): number => pool.nBlocks - pool.nFree(),
    /** When `step` is due; Infinity when the engine is idle. */
    dueNs: (): number => endNs,
    /** A request arrives. Call `step` up to now before, and after if the engine is idle. */
    add(request: EngineRequest, nowNs: number): void {
      const more = { arrivedNs: nowNs, tokens: request.promptTokens, computed: 0, blocks: [] }
      waiting.push({ ...request, ...more, named: 0, cachedTokens: -1, inStep: 0 })
    },
    /** The client of a request has left. */
    abort(id: number): void {
      const isIt = (sequence: Sequence): boolean => sequence.id === id
      const queued = waiting.findIndex(isIt)
      if (queued !== -1) waiting.splice(queued, 1)
      const sequence = running.find(isIt)
      if (!sequence) return
      remove(sequence)
      inStep = inStep.filter(each => each !== sequence)
    },
    /**
     * Ends the step that is over at `nowNs`, if one is, and begins the next at the very instant at
     * which it ended; an idle engine begins at `nowNs`. Call it until it is due later than now.
     *
     * @returns the tokens of the step that ended
     */
    step(nowNs: number): Token[] {
      const tokens: Token[] = []
      if (endNs === Number.POSITIVE_INFINITY) {
        if (waiting.length > 0) begin(nowNs)
      } else if (endNs <= nowNs) {
        const atNs = endNs
        end(tokens)
        begin(atNs)
      }
      return tokens
    },
  }
}

export type Engine = ReturnType<typeof engine>
