import { BlockTable } from './block-table.ts'

/**
 * Blocks in the order in which they were last used, and how far down each is: a block at rank r is in
 * every LRU cache of r blocks or more, and in none smaller (Mattson et al. 1970, stack distances).
 *
 * Last uses are slots of a Fenwick tree, so that rank and use take O(log n) each; slots that are no
 * longer anyone's last use are cleared away when they run out.
 */
export class LruStack {
  private table = new BlockTable()
  private nSlots = 2 ** 12
  private next = 1
  /** The id whose last use was in a slot, where it still is. */
  private idAt = new Uint32Array(this.nSlots + 1)
  private tree = new Uint32Array(this.nSlots + 1)

  get size(): number {
    return this.table.size
  }

  /** 1 for the block used last; Infinity for one that was never used. */
  rank(id: number): number {
    const slot = this.table.get(id)
    return slot === 0 ? Number.POSITIVE_INFINITY : this.size - this.upTo(slot) + 1
  }

  use(id: number): void {
    if (this.next > this.nSlots) this.renumber(() => true)
    const before = this.table.get(id)
    if (before > 0) this.add(before, -1)
    const slot = this.next++
    this.table.set(id, slot)
    this.idAt[slot] = id
    this.add(slot, 1)
  }

  /** Forgets all other blocks. */
  keep(isKept: (id: number) => boolean): void {
    this.renumber(isKept)
  }

  private renumber(isKept: (id: number) => boolean): void {
    const ids: number[] = []
    for (let slot = 1; slot < this.next; slot++) {
      const id = this.idAt[slot]!
      if (this.table.get(id) === slot && isKept(id)) ids.push(id)
    }
    while (4 * ids.length > this.nSlots) this.nSlots *= 2
    this.table = new BlockTable(2 ** Math.ceil(Math.log2(4 * Math.max(1024, ids.length))))
    this.idAt = new Uint32Array(this.nSlots + 1)
    this.tree = new Uint32Array(this.nSlots + 1)
    this.next = 1
    for (const id of ids) this.use(id)
  }

  private add(slot: number, n: number): void {
    for (let i = slot; i <= this.nSlots; i += i & -i) this.tree[i]! += n
  }

  /** Last uses in slots up to this one. */
  private upTo(slot: number): number {
    let n = 0
    for (let i = slot; i > 0; i -= i & -i) n += this.tree[i]!
    return n
  }
}
