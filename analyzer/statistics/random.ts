/**
 * Numbers from 0 up to 1 that a seed decides: sfc32 (Doty-Humphrey's PractRand), 32 bits each.
 *
 * The same on every machine, so that a resampled interval is the same each time it is asked for.
 */
export function randomOf(seed: number): () => number {
  let [a, b, c, count] = [0, seed | 0, seed >>> 16, 1]
  const next = (): number => {
    const sum = (((a + b) | 0) + count) | 0
    count = (count + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 12; i++) next()
  return next
}
