import { join } from 'node:path'
import { UserError } from '../../schemas/errors.ts'
import { metricNamed } from '../metric-named.ts'
import type { Metric } from '../models.ts'
import { divisorOf } from '../report.ts'
import type { Row } from '../rows.ts'
import type { Exporter } from './exporter.ts'
import { writeText } from './text-file.ts'

/**
 * HdrHistogram's percentile distribution, a file a metric: `<metric>.hgrm`, in the unit that people read it in.
 *
 * The values are the exact samples: nothing was put into buckets, as the last line says.
 */
export const hgrm: Exporter = {
  summary: "HdrHistogram's percentile distribution, a file a metric",
  writes: 'directory',
  holdsSeveral: false,
  async write(tapes, [run], folder, { metrics: asked }) {
    const id = run!.manifest.run_id
    const metrics =
      asked === undefined ? tapes.metrics.filter(isUsual) : namedIn(asked, tapes.metrics)
    let written = 0
    for (const metric of metrics) {
      const rows = await tapes.query(`from hdr_percentiles('${metric.name}')`)
      const own = rows.filter(row => row['run_id'] === id)
      if (own.length === 0) {
        if (asked === undefined) continue
        throw new UserError(
          `--metric: no request of ${id} has a ${metric.name}`,
          `what it needs: tokentape explain ${metric.name}`,
        )
      }
      const [statistics] = await tapes.query(
        `from summary('${metric.name}') where run_id = '${id.replaceAll("'", "''")}'`,
      )
      await writeText(join(folder, `${metric.name}.hgrm`), async file =>
        file.add(textOf(metric, own, statistics!)),
      )
      written++
    }
    if (written === 0)
      throw new UserError(`${id}: no request has a metric`, 'its requests failed: tokentape report')
  },
}

const isUsual = ({ grain, unit, report }: Metric): boolean =>
  grain !== 'run' && unit === 'ns' && report === 'default'

const namedIn = (list: string, metrics: Metric[]): Metric[] =>
  list.split(',').map(name => {
    const metric = metricNamed(name, metrics, '--metric')
    if (metric.grain === 'run' || metric.percentiles !== 'linear')
      throw new UserError(
        `--metric: ${metric.name} has no distribution of finite samples`,
        'for example --metric time_to_first_token,inter_chunk_latency',
      )
    return metric
  })

function textOf(metric: Metric, rows: Row[], statistics: Row): string {
  const shown = (value: unknown): string => (Number(value) / divisorOf(metric)).toFixed(6)
  const lines = rows.map(row => {
    const share = Number(row['share'])
    const inverse = share < 1 ? (1 / (1 - share)).toFixed(2).padStart(15) : ''
    return `${shown(row['value']).padStart(15)} ${share.toFixed(12)} ${String(row['n_upto']).padStart(10)}${inverse}`
  })
  const width = (text: string): string => text.padStart(15)
  return `${[
    '          Value     Percentile TotalCount 1/(1-Percentile)',
    '',
    ...lines,
    `#[Mean    = ${width(shown(statistics['avg']))}, StdDeviation   = ${width(shown(statistics['std']))}]`,
    `#[Max     = ${width(shown(statistics['max']))}, Total count    = ${String(statistics['n']).padStart(15)}]`,
    `#[Buckets = ${width('0')}, SubBuckets     = ${width('0')}]`,
  ].join('\n')}\n`
}
