import type { Options } from './options.ts'

/**
 * Seeded uniform numbers in [0, 1): mulberry32 over (seed, request ordinal), so that a request's
 * times do not depend on what other requests drew.
 */
export function randomFor(seed: number, ordinal: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(ordinal + 1, 0x85ebca6b)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** A standard normal draw (Box and Muller 1958). */
export function standardNormal(random: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()))
  return radius * Math.cos(2 * Math.PI * random())
}

/** A normal draw that is never below a tenth of its mean. */
function around(random: () => number, meanMs: number, stddevMs: number): number {
  if (stddevMs === 0) return meanMs
  return Math.max(meanMs / 10, meanMs + stddevMs * standardNormal(random))
}

/** Due times of a stream's messages, ns: the first after `startNs`, each from the one before. */
export function timingOf(options: Options, random: () => number) {
  const step = (dueNs: number): number => {
    if (options.lockstepMs === 0) return dueNs
    const stepNs = options.lockstepMs * 1e6
    return Math.ceil(dueNs / stepNs) * stepNs
  }
  return {
    first: (startNs: number): number =>
      step(startNs + 1e6 * around(random, options.ttftMs, options.ttftJitterMs)),
    next: (dueNs: number): number =>
      options.lockstepMs > 0
        ? dueNs + options.lockstepMs * 1e6
        : dueNs + 1e6 * around(random, options.itlMs, options.itlJitterMs),
  }
}
