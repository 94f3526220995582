const [BACKSLASH, X, ZERO, ONE, NINE] = [0x5c, 0x78, 0x30, 0x31, 0x39] as const

/** Where a needle begins, overlapping ones too. */
export function matchesOf(bytes: Buffer, needle: Buffer): number[] {
  const matches: number[] = []
  for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1))
    matches.push(at)
  return matches
}

/** What each byte of a text is overwritten with, so that JSON stays JSON: `x`, or 1 where it may be a number. */
export const fillOf = (text: Uint8Array): number =>
  text.every(byte => byte >= ZERO && byte <= NINE) ? ONE : X

/** Overwrites bytes. What stands behind a backslash, and is half of an escape, stays. */
export function blank(
  bytes: Uint8Array,
  { begin, from, to, fill }: { begin: number; from: number; to: number; fill: number },
): void {
  let slashes = 0
  while (from - slashes > begin && bytes[from - slashes - 1] === BACKSLASH) slashes++
  bytes.fill(fill, from + (slashes % 2), to)
}

/** Blanks secrets in bytes that stand alone; gives how many bytes they were. */
export function blankingOf(needles: readonly Buffer[]): (bytes: Buffer) => number {
  return bytes => {
    const found = needles.flatMap(needle =>
      matchesOf(bytes, needle).map(from => ({
        begin: 0,
        from,
        to: from + needle.length,
        fill: fillOf(needle),
      })),
    )
    for (const each of found.sort((a, b) => a.from - b.from)) blank(bytes, each)
    return lengthOf(found)
  }
}

/** Bytes that sorted spans cover together. */
function lengthOf(spans: readonly { from: number; to: number }[]): number {
  let length = 0
  let end = 0
  for (const { from, to } of spans) {
    length += Math.max(0, to - Math.max(from, end))
    end = Math.max(end, to)
  }
  return length
}

/** Blanks secrets in a text that stands alone, and says how many of its bytes they were. */
export function textBlankingOf(needles: readonly Buffer[]) {
  const blankIn = blankingOf(needles)
  return <T extends string | null>(text: T): { text: T; nBytes: number } => {
    if (text === null || needles.length === 0) return { text, nBytes: 0 }
    const bytes = Buffer.from(text)
    const nBytes = blankIn(bytes)
    return { text: nBytes > 0 ? (bytes.toString() as T) : text, nBytes }
  }
}
