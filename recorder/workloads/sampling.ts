import { randomFor } from '../random.ts'
import type { Sampling } from './workload-plan.ts'

/** The entry that session i is, and how often it came before, roughly: 0 is the first time. */
export type Sampled = { entry: number; lap: number }

/**
 * Which entry of `size` session i is: a function of (seed, i) alone.
 *
 * `sequential` goes through them in order and begins again; `shuffle` does so in a new order each time,
 * so that each entry comes once a lap; `random` draws with replacement.
 */
export function sampler(
  sampling: Sampling,
  size: number,
  seed: number,
): (index: number) => Sampled {
  if (sampling === 'random')
    return index => ({
      entry: Math.floor(randomFor(seed, 'sampling', index)() * size),
      lap: index,
    })
  const lapOf = (index: number): number => Math.floor(index / size)
  if (sampling === 'sequential') return index => ({ entry: index % size, lap: lapOf(index) })
  let known = -1
  let order = new Uint32Array(0)
  return index => {
    const lap = lapOf(index)
    if (lap !== known) order = shuffled(size, randomFor(seed, 'sampling', lap))
    known = lap
    return { entry: order[index % size]!, lap }
  }
}

/** The numbers below `size` in random order (Fisher and Yates). */
function shuffled(size: number, random: () => number): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(size)
  for (let i = 0; i < size; i++) {
    const other = Math.floor(random() * (i + 1))
    order[i] = order[other]!
    order[other] = i
  }
  return order
}
