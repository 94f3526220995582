import { hashOf } from './block-table.ts'
import { Counts } from './counts.ts'
import { IdSet } from './id-set.ts'
import { LruStack } from './lru-stack.ts'

/** Hits of a cache of `blocks` blocks; Infinity never evicts. */
export type CacheHits = {
  blocks: number
  /** Blocks found, of all; null without blocks. */
  hitRatio: number | null
  /** Tokens of whole blocks found, of all input tokens: what a server reports as cached. */
  tokenRatio: number | null
}

export type PrefixSharing = {
  nRequests: number
  nBlocks: number
  /** Different blocks; null where ids are too sparse to count within bounds. */
  nDistinct: number | null
  /** Leading blocks of each request that came before; null where they could not be counted. */
  depth: Counts | null
  caches: CacheHits[]
  /** 1, or the share of the ids that caches were estimated from. */
  sampledRatio: number
}

/** Blocks that are followed exactly; of more, a sample is. About 30 MB. */
const MOST_BLOCKS = 2 ** 19
/** Pages of ids that are remembered exactly: 64 MB. */
const MOST_PAGES = 2 ** 13

/**
 * Prefix caching of a trace, in one pass and bounded memory.
 *
 * A request finds its leading blocks up to the first that is not there; then all of its blocks are used, the
 * last one first, so that a prefix outlives what hangs on it (as in vLLM). Nothing of a request is found by
 * itself. Beyond `mostBlocks` different blocks, caches are estimated from the blocks whose hash is low
 * enough, their ranks divided by the sampling ratio; uses that the sample has too many or too few are
 * those of the most used blocks, and taken for hits (Waldspurger et al., "Efficient MRC Construction with
 * SHARDS", FAST 2015, SHARDS_adj).
 */
export class PrefixReuse {
  private nRequests = 0
  private nBlocks = 0
  private nTokens = 0
  private nWholeTokens = 0
  private seen: IdSet | null = new IdSet()
  private depth: Counts | null = new Counts()
  private found = { blocks: 0, tokens: 0 }
  private readonly stack = new LruStack()
  private threshold = 2 ** 32
  /** Uses that the sample stands for. */
  private sampled = { blocks: 0, wholeTokens: 0 }
  private readonly sizes: number[]
  private readonly hits: { blocks: number; tokens: number }[]
  private readonly blockTokens: number
  private readonly mostBlocks: number

  /** @param sizes  of the caches, in blocks; an infinite one is added */
  constructor(sizes: number[], blockTokens: number, mostBlocks = MOST_BLOCKS) {
    this.sizes = [...sizes].sort((a, b) => a - b).concat(Number.POSITIVE_INFINITY)
    this.hits = this.sizes.map(() => ({ blocks: 0, tokens: 0 }))
    this.blockTokens = blockTokens
    this.mostBlocks = mostBlocks
  }

  add(ids: number[], inputTokens: number): void {
    this.nRequests++
    this.nBlocks += ids.length
    this.nTokens += inputTokens
    this.nWholeTokens += Math.floor(inputTokens / this.blockTokens) * this.blockTokens
    const wholeTokens = (i: number): number =>
      (i + 1) * this.blockTokens <= inputTokens ? this.blockTokens : 0
    this.countSeen(ids, wholeTokens)
    this.countRanks(ids, wholeTokens)
    for (let i = ids.length - 1; i >= 0; i--) if (this.isSampled(ids[i]!)) this.stack.use(ids[i]!)
    while (this.stack.size > this.mostBlocks) {
      this.threshold /= 2
      this.stack.keep(id => this.isSampled(id))
    }
  }

  result(): PrefixSharing {
    const isExact = this.threshold === 2 ** 32
    const ratio = (part: number, whole: number): number | null =>
      whole === 0 ? null : Math.max(0, part) / whole
    const missed = {
      blocks: isExact ? 0 : this.nBlocks - this.sampled.blocks,
      tokens: isExact ? 0 : this.nWholeTokens - this.sampled.wholeTokens,
    }
    return {
      nRequests: this.nRequests,
      nBlocks: this.nBlocks,
      nDistinct: this.seen?.size ?? null,
      depth: this.depth,
      sampledRatio: this.threshold / 2 ** 32,
      caches: this.sizes.map((blocks, i) => {
        // Of an infinite cache the set of ids knows more than a sample.
        const isCounted = blocks === Number.POSITIVE_INFINITY && this.seen !== null
        const hits = this.hits[i]!
        return {
          blocks,
          hitRatio: ratio(
            isCounted ? this.found.blocks : hits.blocks + missed.blocks,
            this.nBlocks,
          ),
          tokenRatio: ratio(
            isCounted ? this.found.tokens : hits.tokens + missed.tokens,
            this.nTokens,
          ),
        }
      }),
    }
  }

  private isSampled(id: number): boolean {
    return this.threshold === 2 ** 32 || hashOf(id) < this.threshold
  }

  private countSeen(ids: number[], wholeTokens: (i: number) => number): void {
    if (!this.seen) return
    let n = 0
    while (n < ids.length && this.seen.has(ids[n]!)) this.found.tokens += wholeTokens(n++)
    this.found.blocks += n
    this.depth!.add(n)
    for (const id of ids) this.seen.add(id)
    if (this.seen.nPages > MOST_PAGES) {
      this.seen = null
      this.depth = null
    }
  }

  private countRanks(ids: number[], wholeTokens: (i: number) => number): void {
    const ratio = this.threshold / 2 ** 32
    // Each sampled block speaks for 1 / ratio of them.
    let deepest = 0
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!
      if (!this.isSampled(id)) continue
      this.sampled.blocks += 1 / ratio
      this.sampled.wholeTokens += wholeTokens(i) / ratio
      deepest = Math.max(deepest, this.stack.rank(id) / ratio)
      for (let size = this.sizes.length - 1; size >= 0; size--) {
        if (this.sizes[size]! < deepest || deepest === Number.POSITIVE_INFINITY) break
        this.hits[size]!.blocks += 1 / ratio
        this.hits[size]!.tokens += wholeTokens(i) / ratio
      }
    }
  }
}
