import { randomFor } from '../random.ts'
import { ARRIVAL_PATTERNS } from './arrival-patterns.ts'
import { afterAnswer, type LoadMode, type ModeOf, type ModeParts } from './load-mode.ts'
import { timeOfCount } from './rate-profile.ts'

/** Arrivals at a rate, whether or not earlier answers have come. */
export function openLoop(
  { rate, arrivalPattern, arrivalSmoothness }: ModeOf<'open-loop'>,
  { seed, phase }: Pick<ModeParts, 'seed' | 'phase'>,
): LoadMode {
  const random = randomFor(seed, `arrivals/${phase}`, 0)
  const { gap } = ARRIVAL_PATTERNS[arrivalPattern]
  // A steady beat begins at once; a random one after its first gap.
  let count = arrivalPattern === 'constant' ? -1 : 0
  const dueNs: number[] = []
  return {
    session(index) {
      while (dueNs.length <= index) {
        count += gap(random, arrivalSmoothness)
        dueNs.push(Math.round(timeOfCount(rate, count)))
      }
      // A rate that has fallen to 0 for ever.
      if (dueNs[index] === Number.POSITIVE_INFINITY) return undefined
      return { dueNs: dueNs[index]!, place: index, turnsDone: 0 }
    },
    turn: afterAnswer,
  }
}
