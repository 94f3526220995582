import { mean } from './permutation.ts'
import { randomOf } from './random.ts'

const SHUFFLES = 1999

/**
 * How likely neighbours would be as much alike as they are if the order meant nothing: von Neumann's ratio (1941, Ann.
 * Math. Statist. 12), the squared differences of successive values over those from the mean, held against shuffles.
 *
 * @param values  in the order in which they were measured
 */
export function neighboursAlike(values: readonly number[]): number {
  const average = mean(values)
  const spread = values.reduce((sum, value) => sum + (value - average) ** 2, 0)
  if (spread === 0) return 1
  const steps = (order: readonly number[]): number => {
    let sum = 0
    for (let i = 1; i < order.length; i++) sum += (order[i]! - order[i - 1]!) ** 2
    return sum
  }
  const found = steps(values) * (1 + 1e-9)
  const random = randomOf(values.length)
  const shuffled = [...values]
  let asAlike = 1
  for (let shuffle = 0; shuffle < SHUFFLES; shuffle++) {
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      const value = shuffled[i]!
      shuffled[i] = shuffled[j]!
      shuffled[j] = value
    }
    if (steps(shuffled) <= found) asAlike++
  }
  return asAlike / (SHUFFLES + 1)
}
