import { randomFor } from '../random.ts'
import { ARRIVAL_PATTERNS } from './arrival-patterns.ts'
import type { Arrivals, LoadPlan } from './load-mode.ts'
import { timeOfCount } from './rate-profile.ts'

/** Arrivals at a rate, whether or not earlier answers have come. */
export function openLoop(load: LoadPlan, seed: number, phase: string): Arrivals {
  const random = randomFor(seed, `arrivals/${phase}`, 0)
  const { gap } = ARRIVAL_PATTERNS[load.arrivalPattern]
  const profile = load.rate!
  // A steady beat begins at once; a random one after its first gap.
  let count = load.arrivalPattern === 'constant' ? -1 : 0
  const dueNs: number[] = []
  return {
    dueNs(index) {
      while (dueNs.length <= index) {
        count += gap(random, load.arrivalSmoothness)
        dueNs.push(Math.round(timeOfCount(profile, count)))
      }
      return dueNs[index]!
    },
  }
}
