/** Spreads the bits of an id (the finisher of MurmurHash3). */
export function hashOf(id: number): number {
  let h = id
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** When each block was last used: an open-addressed table of ids, 8 bytes a place. */
export class BlockTable {
  size = 0
  private places: number
  private ids: Uint32Array
  /** 0 is an empty place. */
  private slots: Uint32Array

  /** @param places  a power of two */
  constructor(places = 2 ** 12) {
    this.places = places
    this.ids = new Uint32Array(places)
    this.slots = new Uint32Array(places)
  }

  /** The slot of an id; 0 where it has none. */
  get(id: number): number {
    return this.slots[this.placeOf(id)]!
  }

  /** @param slot  above 0 */
  set(id: number, slot: number): void {
    if (2 * (this.size + 1) > this.places) this.grow()
    const place = this.placeOf(id)
    if (this.slots[place] === 0) this.size++
    this.ids[place] = id
    this.slots[place] = slot
  }

  private placeOf(id: number): number {
    let place = hashOf(id) & (this.places - 1)
    while (this.slots[place] !== 0 && this.ids[place] !== id)
      place = (place + 1) & (this.places - 1)
    return place
  }

  private grow(): void {
    const { ids, slots } = this
    this.places *= 2
    this.ids = new Uint32Array(this.places)
    this.slots = new Uint32Array(this.places)
    for (let i = 0; i < slots.length; i++) {
      if (slots[i] === 0) continue
      const place = this.placeOf(ids[i]!)
      this.ids[place] = ids[i]!
      this.slots[place] = slots[i]!
    }
  }
}
