import { arrivalRoll } from './arrival-roll.ts'
import { concurrency } from './concurrency.ts'
import { ecdf } from './ecdf.ts'
import { failures } from './failures.ts'
import type { Figure } from './figure.ts'
import { goodputSurface } from './goodput-surface.ts'
import { histogram } from './histogram.ts'
import { latencyParts } from './latency-parts.ts'
import { overTime } from './over-time.ts'
import { pareto } from './pareto.ts'
import { percentileSpectrum } from './percentile-spectrum.ts'
import { throughput } from './throughput.ts'

/** The figures by name. */
export const FIGURES: Record<string, Figure> = {
  'latency-parts': latencyParts,
  'over-time': overTime,
  histogram,
  ecdf,
  'percentile-spectrum': percentileSpectrum,
  throughput,
  concurrency,
  failures,
  'goodput-surface': goodputSurface,
  'arrival-roll': arrivalRoll,
  pareto,
}
