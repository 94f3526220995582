/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The bytes in pieces of random length, as socket reads bring them. */
export function splits(bytes: Uint8Array, next: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let from = 0
  while (from < bytes.length) {
    const to = Math.min(bytes.length, from + 1 + Math.floor(next() * next() * 40))
    pieces.push(bytes.subarray(from, to))
    from = to
  }
  return pieces
}
