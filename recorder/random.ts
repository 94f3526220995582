/**
 * A seeded random stream for one purpose and one index.
 *
 * A draw depends on (seed, purpose, index) alone, never on what was drawn before for another
 * request, so that any lane on any machine makes the same request, and changing one option
 * does not shift what others draw. sfc32 (Chris Doty-Humphrey, PractRand), seeded through
 * FNV-1a of the three.
 *
 * @returns numbers in [0, 1) with 32 random bits
 */
export function randomFor(seed: number, purpose: string, index: number): () => number {
  const key = `${seed}/${purpose}/${index}`
  let a = hash(key, 0x811c9dc5)
  let b = hash(key, 0x9e3779b9)
  let c = hash(key, 0x85ebca6b)
  let counter = 1
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return (t >>> 0) / 0x1_0000_0000
  }
  for (let i = 0; i < 15; i++) next()
  return next
}

function hash(text: string, start: number): number {
  let h = start
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  return h ^ (h >>> 13)
}

/** A normal draw (Box and Muller 1958). Takes two numbers of the stream. */
export function normal(random: () => number, mean: number, stddev: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()))
  return mean + stddev * radius * Math.cos(2 * Math.PI * random())
}
