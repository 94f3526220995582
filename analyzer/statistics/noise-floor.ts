import { compareRuns, judgeTogether, LEAST_RUNS } from './compare.ts'
import { binomial, mean } from './permutation.ts'
import { randomOf } from './random.ts'

/** What equal runs say on what a comparison of as many can see. */
export type NoiseFloor = {
  runsASide: number
  /** Standard deviation from run to run, of the logarithm: about a share of the value. */
  deviation: number
  /** Divisions of the equal runs into two sides, and how many of them showed a difference. */
  nDivisions: number
  falseAlarms: number
  /** The least of the slow-downs tried that half, and nine in ten, of the divisions found; null: none. */
  foundByHalf: number | null
  foundByMost: number | null
}

/** Slow-downs that are tried, as shares. */
const SLOW_DOWNS = [
  0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 1,
]
/** Divisions that are tried at most. */
const MOST = 200

/**
 * Splits equal runs into two sides in every way, or in 200 drawn ways, and compares them: what is found there
 * are false alarms. Then the same with one side slowed down.
 *
 * @param values  a statistic above 0 for each run
 * @param paired  logarithmic statistics of the same runs by prompt
 */
export function noiseFloor(
  values: readonly number[],
  paired: readonly number[] | undefined,
  tolerance: number,
): NoiseFloor {
  const runsASide = values.length >> 1
  const logs = paired ?? values.map(Math.log)
  const average = mean(logs)
  const deviation = Math.sqrt(
    logs.reduce((sum, log) => sum + (log - average) ** 2, 0) / Math.max(1, logs.length - 1),
  )
  if (runsASide < LEAST_RUNS)
    return {
      ...{ runsASide, deviation, nDivisions: 0, falseAlarms: 0 },
      ...{ foundByHalf: null, foundByMost: null },
    }
  const divisions = divisionsOf(values.length, runsASide)
  const found = (slowDown: number): number =>
    divisions.filter(({ base, fresh }) => {
      const pick = (from: readonly number[], side: number[], factor: number): number[] =>
        side.map(run => from[run]! * factor)
      const shift = Math.log(1 + slowDown)
      const comparison = compareRuns(
        { base: pick(values, base, 1), fresh: pick(values, fresh, 1 + slowDown) },
        paired && {
          base: pick(paired, base, 1),
          fresh: pick(paired, fresh, 1).map(log => log + shift),
        },
      )
      const rule = { better: 'lower', nBase: runsASide, nFresh: runsASide } as const
      const [judged] = judgeTogether([{ ...comparison, ...rule }], tolerance)
      return slowDown === 0
        ? judged!.change === 'worse' || judged!.change === 'better'
        : judged!.change === 'worse'
    }).length
  const counts = SLOW_DOWNS.map(found)
  const least = (share: number): number | null =>
    SLOW_DOWNS.find((_, i) => counts[i]! >= share * divisions.length) ?? null
  return {
    runsASide,
    deviation,
    nDivisions: divisions.length,
    falseAlarms: found(0),
    foundByHalf: least(0.5),
    foundByMost: least(0.9),
  }
}

type Division = { base: number[]; fresh: number[] }

/** Divisions of n runs into two sides of k; of an odd number each leaves one out. */
function divisionsOf(n: number, k: number): Division[] {
  const random = randomOf(n)
  const found = new Map<string, Division>()
  const wanted = Math.min(MOST, (binomial(n, k) * binomial(n - k, k)) / 2)
  while (found.size < wanted) {
    const places = Array.from({ length: n }, (_, run) => run)
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      const place = places[i]!
      places[i] = places[j]!
      places[j] = place
    }
    const ascending = (side: number[]): number[] => side.sort((a, b) => a - b)
    const sides = [ascending(places.slice(0, k)), ascending(places.slice(k, 2 * k))]
    const [base, fresh] = sides.sort((a, b) => a[0]! - b[0]!)
    found.set(`${base} | ${fresh}`, { base: base!, fresh: fresh! })
  }
  return [...found.values()]
}
