import { Command, Option } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { parseDuration } from '../../schemas/units.ts'
import { TABLE_FORMATS } from '../formats/tables.ts'
import { metricNamed } from '../metric-named.ts'
import { AIPERF_PERCENTILES } from '../report.ts'
import { askSlices, type SlicesQuestion, slicesWithin } from '../slices.ts'
import { slicesTables } from '../slices-tables.ts'
import { parseSlos } from '../slo.ts'
import { trendsOf } from '../trends.ts'
import { isLimited, windowsOf, windowText } from '../window.ts'
import { type TapeFlags, withTapeFlags, withTapes } from '../with-tapes.ts'
import { parsePercentiles } from './report.ts'

export type SlicesFlags = TapeFlags & {
  width?: string
  metric?: string
  percentiles?: number[]
  slo?: string[]
  by?: SlicesQuestion['by']
  all?: boolean
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
    .addOption(
      new Option(
        '--by <end>',
        'which slice the latencies of a request belong to: that of its start, of its end, or both in turn',
      )
        .choices(['start', 'end', 'both'])
        .default('start'),
    )
    .option('--metric <list>', 'comma-separated (default: those of the report)')
    .option('--all', 'every metric that has slices')
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
  // The trends are of the whole run, and slices are chosen after they are made: their requests began before them.
  const { steady, from, to, ...whole } = flags
  const answer = await withTapes(paths, whole, io, async tapes => {
    const metrics = flags.metric
      ? flags.metric.split(',').map(name => metricNamed(name, tapes.metrics, '--metric'))
      : tapes.metrics.filter(
          ({ report, grain }) => (flags.all || report === 'default') && grain !== 'run',
        )
    const single = metrics.find(({ grain }) => grain === 'run')
    if (single)
      throw new UserError(
        `--metric: ${single.name} is one value a run: it has no slices`,
        'every slice has its own counts and throughput already',
      )
    const percentiles = [...new Set([...AIPERF_PERCENTILES, ...columns])].sort((a, b) => a - b)
    const slos = await parseSlos(flags.slo ?? [], '--slo', tapes)
    const windows = isLimited(flags) ? await windowsOf(tapes, flags) : []
    for (const window of windows) io.err(`note: ${windowText(window)}\n`)
    const by = flags.by ?? 'start'
    const all = await askSlices(tapes, { widthNs, metrics, percentiles, slos, by })
    const slices = windows.length > 0 ? slicesWithin(all, windows) : all
    const trends = await trendsOf(tapes)
    return slicesTables(slices, { columns, chosen: flags.metric !== undefined, trends, windows })
  })
  io.out(TABLE_FORMATS[format]!(answer))
}
