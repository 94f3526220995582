/** The name most like the one that was typed, or undefined when none is near. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const scored = names
    .map(name => ({ name, distance: distance(typed.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = scored[0]
  return best && best.distance <= Math.max(2, typed.length / 3) ? best.name : undefined
}

/**
 * A hint that names the nearest name and lists all there are.
 *
 * @param unlisted  other names that are understood: the nearest may be one of them
 */
export function namesHint(
  what: string,
  typed: string,
  names: readonly string[],
  unlisted: readonly string[] = [],
): string {
  const near = nearestName(typed, [...names, ...unlisted])
  return `${near ? `did you mean ${near}? ` : ''}${what} are ${[...names].sort().join(', ')}`
}

/** Edits that turn one text into the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        row[j]! + 1,
        next[j - 1]! + 1,
        row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
    row = next
  }
  return row[b.length]!
}
