import type { Opinion, Sample } from './opinion.ts'
import { type Statistics, statisticsOf, timeWeightedStatistics } from './statistics.ts'
import { compare, type Tally } from './tally.ts'
import { known, type Summary, shown } from './told.ts'

/** Those that AIPerf gives, and one that it does not. */
export const PERCENTILES = [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9]

/** Compares every metric of a report, with all of its statistics. */
export function againstReport(
  to: Tally,
  mine: Opinion,
  summaries: Summary[],
  except: string[],
): void {
  const said = new Map(summaries.map(summary => [summary.metric.name, summary]))
  const isCompared = ([name]: [string, unknown]): boolean => !except.includes(name)
  for (const [name, value] of [...mine.values].filter(isCompared)) {
    const summary = said.get(name)
    compare(to, `report ${name}`, shown(value, summary), known(summary?.avg), 1)
  }
  for (const [name, samples] of [...mine.samples].filter(isCompared))
    compareStatistics(to, `report ${name}`, statisticsOfMetric(name, samples), said.get(name))
  for (const [name, steps] of [...mine.steps].filter(isCompared))
    compareStatistics(to, `report ${name}`, timeWeightedStatistics(steps), said.get(name))
}

/** What failed is infinitely slow in `adj_` metrics: they are no whole numbers, and nothing lies between. */
export function statisticsOfMetric(name: string, samples: Sample[]): Statistics | null {
  const values = samples.map(({ value }) => value)
  return name.startsWith('adj_')
    ? statisticsOf(values, { areWhole: false, method: 'nearest' })
    : statisticsOf(values, { areWhole: values.every(Number.isInteger), method: 'linear' })
}

/** Doubles that may lie between: a deviation is a sum of squares, a root and a quotient, each rounded. */
const ULPS = { min: 0, max: 0, sum: 0, avg: 1, std: 2 }
const NAMES = Object.keys(ULPS) as (keyof typeof ULPS)[]

export function compareStatistics(
  to: Tally,
  what: string,
  mine: Statistics | null,
  said: Summary | undefined,
): void {
  compare(to, `${what}.n`, mine?.n, said?.n, 0)
  for (const name of NAMES)
    compare(to, `${what}.${name}`, shown(mine?.[name], said), known(said?.[name]), ULPS[name])
  for (const percent of PERCENTILES) {
    const theirs = known(said?.percentiles.get(percent))
    compare(to, `${what}.p${percent}`, shown(mine?.percentile(percent), said), theirs, 1)
  }
}
