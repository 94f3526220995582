/**
 * Holm's step-down correction (Holm 1979, Scand. J. Statist. 6): of several tests at once, the chance that
 * any true null hypothesis is rejected stays below the level, however the tests depend on each other.
 *
 * @returns  each adjusted p, in the order given: it is to be compared with the level itself
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]!)
  const adjusted = new Array<number>(ps.length)
  let most = 0
  for (const [rank, i] of order.entries()) {
    most = Math.max(most, Math.min(1, (ps.length - rank) * ps[i]!))
    adjusted[i] = most
  }
  return adjusted
}
