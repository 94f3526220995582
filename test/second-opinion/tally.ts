/** What was compared, where two numbers differ, and the largest distance between two that may. */
export type Tally = {
  compared: number
  /** Of those, how many are the same to the last bit. */
  identical: number
  differences: string[]
  worst: { ulps: number; what: string }
}

export const tally = (): Tally => ({
  compared: 0,
  identical: 0,
  differences: [],
  worst: { ulps: 0, what: '' },
})

export type Comparable = number | string | boolean | null | undefined

/**
 * Counts one comparison.
 *
 * @param ulps  how many doubles may lie between two numbers: 0 where the definition is whole numbers until one last
 *              division, 1 where several operations round
 */
export function compare(
  to: Tally,
  what: string,
  mine: Comparable,
  theirs: Comparable,
  ulps: number,
): void {
  to.compared++
  if (Object.is(mine ?? null, theirs ?? null)) {
    to.identical++
    return
  }
  const apart =
    typeof mine === 'number' && typeof theirs === 'number' ? ulpsBetween(mine, theirs) : Infinity
  if (apart > to.worst.ulps && apart <= ulps) to.worst = { ulps: apart, what }
  if (apart <= ulps) return
  const distance = Number.isFinite(apart) ? ` (${apart} ulp)` : ''
  to.differences.push(`${what}: here ${mine}, the analyzer ${theirs}${distance}`)
}

/** How many doubles lie between two: 0 where they are the same, 1 for neighbours. */
export function ulpsBetween(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Infinity
  return Math.abs(Number(order(a) - order(b)))
}

/** Doubles in their order as whole numbers. */
function order(value: number): bigint {
  const bits = new BigInt64Array(new Float64Array([value]).buffer)[0]!
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits
}

/** Differences of one kind as one line: the first of them, and how many there are. */
export function kindsOf({ differences }: Tally): string[] {
  const kinds = new Map<string, string[]>()
  for (const difference of differences) {
    const kind = difference.replace(/:.*/, '').replace(/\b\d+\b/g, '#')
    const own = kinds.get(kind)
    if (own) own.push(difference)
    else kinds.set(kind, [difference])
  }
  return [...kinds.values()].map(own => `${own.length} × ${own[0]}`)
}
