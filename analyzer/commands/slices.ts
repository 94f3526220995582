import { Command } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { parseDuration } from '../../schemas/units.ts'
import { TABLE_FORMATS } from '../formats/tables.ts'
import { metricNamed } from '../metric-named.ts'
import { AIPERF_PERCENTILES } from '../report.ts'
import { askSlices } from '../slices.ts'
import { slicesTables } from '../slices-tables.ts'
import { parseSlos } from '../slo.ts'
import { type TapeFlags, withTapeFlags, withTapes } from '../with-tapes.ts'
import { parsePercentiles } from './report.ts'

export type SlicesFlags = TapeFlags & {
  width?: string
  metric?: string
  percentiles?: number[]
  slo?: string[]
}

/** Percentiles of a narrow table. */
const COLUMNS = [50, 99]

/** `slices <tape…> --width 10s`: how a run went over time. */
export const slicesCommand = (io: Io): Command =>
  withTapeFlags(new Command('slices').description('cut runs into slices of time'))
    .option(
      '--width <duration>',
      'how long a slice is, for example 10s (default: a tenth of the run)',
    )
    .option('--metric <list>', 'comma-separated (default: those of the report)')
    .option(
      '--percentiles <list>',
      'percentiles of the table, for example 75,99.9',
      parsePercentiles,
    )
    .option(
      '--slo <slo>',
      'good requests of each slice, as with goodput',
      (text, earlier: string[] = []) => [...earlier, text],
    )
    .action((paths: string[], flags: SlicesFlags) => slices(paths, flags, io))

/** Prints tapes slice by slice. */
export async function slices(paths: string[], flags: SlicesFlags, io: Io): Promise<void> {
  const { format = 'text' } = flags
  const widthNs = flags.width === undefined ? undefined : parseDuration(flags.width, '--width')
  if (widthNs === 0) throw new UserError('--width: a slice of no length', 'for example --width 10s')
  const columns = [...new Set(flags.percentiles ?? COLUMNS)].sort((a, b) => a - b)
  const answer = await withTapes(paths, flags, io, async tapes => {
    const metrics = flags.metric
      ? flags.metric.split(',').map(name => metricNamed(name, tapes.metrics, '--metric'))
      : tapes.metrics.filter(({ report, grain }) => report === 'default' && grain !== 'run')
    const whole = metrics.find(({ grain }) => grain === 'run')
    if (whole)
      throw new UserError(
        `--metric: ${whole.name} is one value a run: it has no slices`,
        'every slice has its own counts and throughput already',
      )
    const percentiles = [...new Set([...AIPERF_PERCENTILES, ...columns])].sort((a, b) => a - b)
    const slos = await parseSlos(flags.slo ?? [], '--slo', tapes)
    const found = await askSlices(tapes, { widthNs, metrics, percentiles, slos })
    return slicesTables(found, { columns, chosen: flags.metric !== undefined })
  })
  io.out(TABLE_FORMATS[format]!(answer))
}
