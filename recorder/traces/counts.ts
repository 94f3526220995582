/** How often each whole number came: as much memory as there are different ones. */
export class Counts {
  n = 0
  sum = 0
  private readonly counts = new Map<number, number>()

  add(value: number): void {
    this.n++
    this.sum += value
    this.counts.set(value, (this.counts.get(value) ?? 0) + 1)
  }

  /** Null without values. */
  mean(): number | null {
    return this.n === 0 ? null : this.sum / this.n
  }

  /** Exact, linear between ranks (numpy's default), for quantiles in ascending order. */
  quantiles(quantiles: number[]): (number | null)[] {
    if (this.n === 0) return quantiles.map(() => null)
    const values = [...this.counts].sort(([a], [b]) => a - b)
    let place = 0
    let below = 0
    /** The value of rank `i`, counted from 0; asked for in ascending order. */
    const at = (i: number): number => {
      while (below + values[place]![1] <= i) below += values[place++]![1]
      return values[place]![0]
    }
    return quantiles.map(quantile => {
      const rank = quantile * (this.n - 1)
      const low = at(Math.floor(rank))
      const isBetween = rank > Math.floor(rank)
      // Looks at the next rank without moving on: the next quantile may need this one again.
      const kept = { place, below }
      const high = isBetween ? at(Math.ceil(rank)) : low
      place = kept.place
      below = kept.below
      return low + (high - low) * (rank - Math.floor(rank))
    })
  }

  /** How many are from `least` to below `beyond`. */
  within(least: number, beyond: number): number {
    let n = 0
    for (const [value, count] of this.counts) if (value >= least && value < beyond) n += count
    return n
  }
}
