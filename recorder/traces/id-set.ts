const PAGE_BITS = 16
const PAGE_WORDS = 2 ** PAGE_BITS / 32

/** A set of whole numbers from 0 to 2^32 - 1: a bit each, in pages of 8 KB, so that dense ids cost little. */
export class IdSet {
  size = 0
  private readonly pages = new Map<number, Uint32Array>()

  get nPages(): number {
    return this.pages.size
  }

  has(id: number): boolean {
    const page = this.pages.get(id >>> PAGE_BITS)
    return page !== undefined && (page[wordOf(id)]! & bitOf(id)) !== 0
  }

  /** @returns whether it is new */
  add(id: number): boolean {
    const key = id >>> PAGE_BITS
    let page = this.pages.get(key)
    if (!page) {
      page = new Uint32Array(PAGE_WORDS)
      this.pages.set(key, page)
    }
    const word = wordOf(id)
    const bit = bitOf(id)
    if ((page[word]! & bit) !== 0) return false
    page[word]! |= bit
    this.size++
    return true
  }
}

const wordOf = (id: number): number => (id & (2 ** PAGE_BITS - 1)) >>> 5
const bitOf = (id: number): number => 1 << (id & 31)
