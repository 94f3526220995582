/** No block, no hash. */
const NONE = -1

/**
 * The KV cache: a fixed number of blocks, shared by reference count, with prefix caching and LRU eviction.
 *
 * A block that nobody uses stays in the queue of free blocks with what it holds, and is handed out anew
 * only when all blocks freed before it are: it can be found by its hash until then. As in vLLM v1
 * (`vllm/v1/core/block_pool.py`), a sequence's last blocks are freed first, so that prefixes live longest.
 *
 * A hash stands for the block's tokens and all before them; two blocks with the same hash hold the same.
 */
export function blockPool(nBlocks: number) {
  const users = new Int32Array(nBlocks)
  const hashOf = new Float64Array(nBlocks).fill(NONE)
  const blockOf = new Map<number, number>()
  // The queue of free blocks as a ring through a sentinel, index nBlocks: the next to go is behind it.
  const next = new Int32Array(nBlocks + 1)
  const before = new Int32Array(nBlocks + 1)
  let nFree = nBlocks
  for (let i = 0; i <= nBlocks; i++) {
    next[i] = i === nBlocks ? 0 : i + 1
    before[i] = i === 0 ? nBlocks : i - 1
  }

  const unlink = (block: number): void => {
    next[before[block]!] = next[block]!
    before[next[block]!] = before[block]!
    nFree--
  }
  const append = (block: number): void => {
    const last = before[nBlocks]!
    next[last] = block
    before[block] = last
    next[block] = nBlocks
    before[nBlocks] = block
    nFree++
  }

  return {
    nBlocks,
    nFree: (): number => nFree,
    /** The cached blocks that a sequence with these block hashes begins with; they are not taken. */
    found(hashes: Float64Array, most: number): number[] {
      const blocks: number[] = []
      for (let i = 0; i < most && i < hashes.length; i++) {
        const block = blockOf.get(hashes[i]!)
        if (block === undefined) break
        blocks.push(block)
      }
      return blocks
    },
    /** How many of these blocks are free, so that sharing them takes them from the queue. */
    freeAmong: (blocks: readonly number[]): number =>
      blocks.reduce((sum, block) => sum + (users[block] === 0 ? 1 : 0), 0),
    /** One more user for each of these. */
    share(blocks: readonly number[]): void {
      for (const block of blocks) if (users[block]!++ === 0) unlink(block)
    },
    /** Takes the block that has been free for longest; what it held is forgotten. There must be one. */
    take(): number {
      const block = next[nBlocks]!
      unlink(block)
      users[block] = 1
      const hash = hashOf[block]!
      if (hash !== NONE) {
        blockOf.delete(hash)
        hashOf[block] = NONE
      }
      return block
    },
    /** Says what a full block holds. Where another block holds the same, that one is found. */
    name(block: number, hash: number): void {
      if (blockOf.has(hash)) return
      blockOf.set(hash, block)
      hashOf[block] = hash
    },
    /** One user less for each block of a sequence, its last block first. */
    free(blocks: readonly number[]): void {
      for (let i = blocks.length - 1; i >= 0; i--) {
        const block = blocks[i]!
        if (--users[block]! === 0) append(block)
      }
    },
    /** Blocks that can be found by their hash. */
    nCached: (): number => blockOf.size,
    users: (block: number): number => users[block]!,
  }
}

export type BlockPool = ReturnType<typeof blockPool>
