import { Command, Option } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { type Answer, type Cell, TABLE_FORMATS } from '../formats/tables.ts'
import { metricNamed } from '../metric-named.ts'
import type { Tapes } from '../open-tapes.ts'
import { percentileFloor } from '../percentile-floor.ts'
import { quoted } from '../quoted.ts'
import { divisorOf } from '../report.ts'
import { type TapeFlags, withTapeFlags, withTapes, withWindows } from '../with-tapes.ts'
import { parsePercentiles } from './report.ts'

export type PercentilesFlags = TapeFlags & {
  metric?: string
  percentiles?: number[]
  percentileMethod?: string
  ci?: boolean
  confidence?: number
}

const CONFIDENCE = 95
const METHODS = ['linear', 'nearest', 'nearest_rank', 'lower', 'higher']
const PERCENTILES = [50, 75, 90, 95, 99, 99.9]
const METRICS = 'time_to_first_token,inter_token_latency,request_latency'

/** `percentiles <tape…>`: any percentile of any metric, exact, by the method asked for. */
export const percentilesCommand = (io: Io): Command =>
  withTapeFlags(new Command('percentiles').description('print any percentile of any metric'))
    .option('--metric <list>', `comma-separated (default: ${METRICS})`)
    .option(
      '--percentiles <list>',
      `comma-separated (default: ${PERCENTILES.join(',')})`,
      parsePercentiles,
    )
    .addOption(
      new Option('--percentile-method <name>', "numpy's methods, or the nearest rank").choices(
        METHODS,
      ),
    )
    .option('--ci', 'with an interval for the true one, of order statistics')
    .option('--confidence <percent>', 'of the interval (default: 95); asks for it too', confidence)
    .action((paths: string[], flags: PercentilesFlags) => percentiles(paths, flags, io))

/** Prints percentiles of tapes. */
export async function percentiles(paths: string[], flags: PercentilesFlags, io: Io): Promise<void> {
  const { format = 'text' } = flags
  const answer = await withTapes(paths, flags, io, async tapes =>
    withWindows(await ask(tapes, flags), tapes),
  )
  io.out(TABLE_FORMATS[format]!(answer))
}

async function ask(tapes: Tapes, flags: PercentilesFlags): Promise<Answer> {
  const asked = [...new Set(flags.percentiles ?? PERCENTILES)].sort((a, b) => a - b)
  const metrics = (flags.metric ?? METRICS)
    .split(',')
    .map(name => metricNamed(name, tapes.metrics, '--metric'))
  const quantiles = asked.map(percent => Number((percent / 100).toPrecision(12)))
  await tapes.query(`set variable quantiles = [${quantiles.join(', ')}]`)
  const ci = flags.ci === true || flags.confidence !== undefined
  const rows: { [column: string]: Cell }[] = []
  for (const metric of metrics) {
    if (metric.grain === 'run')
      throw new UserError(
        `--metric: ${metric.name} is one value a run: it has no percentiles`,
        `it is in: tokentape report --all`,
      )
    if (metric.grain === 'time' && (ci || flags.percentileMethod !== undefined))
      throw new UserError(
        `--metric: ${metric.name} is weighted by time: it has one method, and no interval`,
        'leave out --percentile-method, --ci and --confidence',
      )
    const method = flags.percentileMethod ?? metric.percentiles
    const found = await tapes.query(
      `from percentiles('${metric.name}', method := ${quoted(method)}, confidence := ${(flags.confidence ?? CONFIDENCE) / 100})`,
    )
    if (found.length === 0)
      throw new UserError(
        `--metric: no request has a ${metric.name}`,
        `what it needs: tokentape explain ${metric.name}`,
      )
    for (const row of found) {
      const percent = asked[quantiles.indexOf(Number(row['quantile']))]!
      const shown = (value: unknown): number | null =>
        value === null ? null : Number(value) / divisorOf(metric)
      rows.push({
        run_id: String(row['run_id']),
        metric: metric.name,
        unit: metric.shown,
        method,
        percentile: percent,
        value: shown(row['value']),
        ...(ci ? { low: shown(row['low']), high: shown(row['high']) } : {}),
        n: Number(row['n']),
        floor: percentileFloor(percent),
        enough: Number(row['n']) >= percentileFloor(percent),
      })
    }
  }
  return answerOf(rows, tapes.runs.length > 1, ci ? (flags.confidence ?? CONFIDENCE) : undefined)
}

function answerOf(
  rows: { [column: string]: Cell }[],
  several: boolean,
  ci: number | undefined,
): Answer {
  const few = rows.some(row => !row['enough'])
  return {
    tables: [
      {
        columns: [
          ...(several ? ['run'] : []),
          ...[
            'metric',
            'unit',
            'percentile',
            'value',
            ...(ci === undefined ? [] : [`low (${ci} %)`, 'high']),
            'n',
            'needed',
          ],
        ],
        rows: rows.map(row => [
          ...(several ? [row['run_id']] : []),
          row['metric'],
          row['unit'],
          `p${row['percentile']}${row['enough'] ? '' : ' *'}`,
          row['value'],
          ...(ci === undefined ? [] : [row['low'], row['high']]),
          row['n'],
          row['floor'],
        ]),
        notes: [
          ...(few ? ['* fewer samples than it needs: do not read it as a percentile'] : []),
          ...(ci === undefined
            ? []
            : [
                `low, high: samples between which the true percentile lies with ${ci} % confidence, were requests independent; -: too few samples for a bound`,
              ]),
        ],
      },
    ],
    csv: {
      columns: Object.keys(rows[0] ?? {}),
      rows: rows.map(row => Object.values(row)),
    },
    json: rows,
  }
}

function confidence(text: string): number {
  const percent = Number(text)
  if (!(percent >= 50 && percent < 100))
    throw new UserError(
      `--confidence: "${text}" is not from 50 to below 100`,
      'for example --confidence 99',
    )
  return percent
}
