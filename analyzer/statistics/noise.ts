import { mean } from './permutation.ts'

/** How a statistic varies from run to run when nothing changes, in logarithms: about shares of its value. */
export type Noise = {
  /** Standard deviation over the runs. */
  deviation: number
  /** How far off that may be, at 80 % confidence, by the number of the runs. */
  low: number
  high: number
  /** The part of it that longer runs would not lessen; null where halves of the runs have no such statistic. */
  betweenRuns: number | null
}

/**
 * The noise of equal runs.
 *
 * What a run's own requests add falls with their number, what a run's day adds does not. Halves of the runs tell
 * the two apart: variance = between + within of a run, between + 2 within of a half.
 *
 * @param logs    the statistic's logarithm, one a run
 * @param halves  the same of the first half of each run and of the second, where there is such
 */
export function noiseOf(
  logs: readonly number[],
  halves?: readonly (readonly [first: number, second: number])[],
): Noise {
  const deviation = deviationOf(logs)
  const freedom = logs.length - 1
  // The halves were asked different prompts: each is held against the same half of the other runs.
  const ofHalf = halves && [0, 1].map(half => deviationOf(halves.map(each => each[half]!)) ** 2)
  const between = ofHalf && 2 * deviation ** 2 - mean(ofHalf)
  return {
    deviation,
    low: deviation * Math.sqrt(freedom / chiSquared(freedom, NORMAL_90)),
    high: deviation * Math.sqrt(freedom / chiSquared(freedom, -NORMAL_90)),
    betweenRuns:
      between === undefined ? null : Math.sqrt(Math.min(Math.max(between, 0), deviation ** 2)),
  }
}

/** The deviation of runs that are so many times as long; null where that is not known. */
export const deviationOfLonger = (
  { deviation, betweenRuns }: Noise,
  times: number,
): number | null =>
  betweenRuns === null
    ? null
    : Math.sqrt(betweenRuns ** 2 + (deviation ** 2 - betweenRuns ** 2) / times)

const deviationOf = (values: readonly number[]): number => {
  const average = mean(values)
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - average) ** 2, 0) / Math.max(1, values.length - 1),
  )
}

/** The standard normal's 90th percentile. */
const NORMAL_90 = 1.2815515655446004

/** A percentile of the chi-squared distribution, by its normal deviate (Wilson and Hilferty 1931): within 3 % from 5 degrees of freedom. */
function chiSquared(freedom: number, deviate: number): number {
  const part = 2 / (9 * freedom)
  return freedom * (1 - part + deviate * Math.sqrt(part)) ** 3
}
