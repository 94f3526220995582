import { UserError } from '../schemas/errors.ts'
import { type Answer, type Cell, shown, type Table } from './formats/tables.ts'
import { judge } from './judged.ts'
import type { Tapes } from './open-tapes.ts'
import { quoted } from './quoted.ts'
import { tooFew } from './report.ts'
import type { Row } from './rows.ts'
import { settingsOf } from './setting.ts'
import type { Slo } from './slo.ts'
import { verdictOf } from './verdict.ts'

export type ParetoQuestion = { gpus: number; slos: Slo[] }

/** A setting: a row of the SQL report, its goodput by tier, and how many of its runs are not valid. */
export type Point = { row: Row; goodput: Row[]; nNotValid: number }

/**
 * Asks for the point of each setting.
 *
 * @throws UserError for an SLO over an empty population, or where no run answered anything
 */
export async function askPareto(tapes: Tapes, { gpus, slos }: ParetoQuestion): Promise<Point[]> {
  const settings = settingsOf(tapes.runs)
  const values = tapes.runs.map(
    ({ manifest }, i) => `(${quoted(manifest.run_id)}, ${quoted(settings[i]!)}, ${i})`,
  )
  await tapes.query(
    `create or replace temp table _settings as from (values ${values.join(', ')}) as t(run_id, setting, place)`,
  )
  const rows = await tapes.query(`from pareto('_settings', ${gpus}::double)`)
  if (rows.every(row => row['on_frontier'] === null))
    throw new UserError(
      'pareto: no run has both output tokens per second and a rate per user',
      'record streams that succeed, of two tokens or more: --streaming',
    )
  const goodput = await goodputOf(tapes, slos)
  const verdicts = await verdictOf(tapes)
  const invalid = verdicts.filter(({ verdict }) => verdict === 'not valid')
  return rows.map(row => ({
    row,
    goodput: goodput.filter(({ setting }) => setting === row['setting']),
    nNotValid: invalid.filter(({ runId }) => (row['run_ids'] as string[]).includes(runId)).length,
  }))
}

/** Means over the runs of each setting. */
async function goodputOf(tapes: Tapes, slos: Slo[]): Promise<Row[]> {
  if (slos.length === 0) return []
  await judge(tapes, slos)
  return tapes.query(`
    select
      setting,
      tier,
      avg(goodput order by goodput) as goodput,
      avg(share_of_sent order by share_of_sent) as share_of_sent
    from goodput('_judged')
    join _settings using (run_id)
    group by setting, tier
    order by setting, tier`)
}

/** The points as a table and as a value. */
export function paretoTables(points: Point[], { gpus, slos }: ParetoQuestion): Answer {
  return {
    tables: [tableOf(points, gpus, slos)],
    csv: csvOf(points, slos),
    json: {
      gpus,
      axes: ['tokens_per_user', 'tokens_per_second_per_gpu'],
      knee_rule: KNEE_RULE,
      slos: slos.map(({ tier, text, sql }) => ({ tier, text, condition: sql })),
      points: points.map(({ row, goodput, nNotValid }) => ({
        ...row,
        n_runs_not_valid: nNotValid,
        ...(slos.length > 0 ? { goodput: goodput.map(({ setting, ...tier }) => tier) } : {}),
      })),
    },
  }
}

const KNEE_RULE =
  'the point of the frontier farthest above the chord between its ends, axes scaled to 0..1 (Kneedle)'

function tableOf(points: Point[], gpus: number, slos: Slo[]): Table {
  const few = points.some(({ row }) => row['n_ttft'] !== null && tooFew(Number(row['n_ttft']), 99))
  const several = points.some(({ row }) => Number(row['n_runs']) > 1)
  const notValid = points.filter(({ nNotValid }) => nNotValid > 0)
  const unknown = points.filter(({ row }) => row['on_frontier'] === null)
  const nFrontier = points.filter(({ row }) => row['on_frontier']).length
  const hasKnee = points.some(({ row }) => row['knee'])
  return {
    columns: [
      ...['setting', 'runs', 'tokens/s', ...(several ? ['min', 'max'] : []), 'tokens/s/GPU'],
      ...['tokens/s/user', 'requests/s', 'in flight', 'ttft p50 (ms)', 'p99', 'n'],
      ...slos.flatMap(({ tier }) => [`goodput: ${tier}`, 'of sent']),
      'which',
    ],
    rows: points.map(({ row, goodput, nNotValid }) => [
      `${row['setting']}${nNotValid > 0 ? ' !' : ''}`,
      row['n_runs'] as Cell,
      ...cells(row, ['tokens_per_second']),
      ...(several ? cells(row, ['tokens_per_second_min', 'tokens_per_second_max']) : []),
      ...cells(row, ['tokens_per_second_per_gpu', 'tokens_per_user']),
      ...cells(row, ['request_throughput', 'concurrency']),
      marked(row, 'ttft_p50_ms', 50),
      marked(row, 'ttft_p99_ms', 99),
      row['n_ttft'] as Cell,
      ...slos.flatMap(({ tier }): Cell[] => {
        const found = goodput.find(own => own['tier'] === tier)
        const share = found?.['share_of_sent']
        return [
          (found?.['goodput'] ?? null) as Cell,
          share == null ? null : `${(100 * Number(share)).toFixed(2)} %`,
        ]
      }),
      placeOf(row),
    ]),
    notes: [
      `${gpus === 1 ? '1 GPU: say how many with --gpus' : `${gpus} GPUs`}; frontier: no other setting is as good in tokens/s/GPU and in tokens/s/user, and better in one`,
      hasKnee
        ? `knee: ${KNEE_RULE}`
        : nFrontier < 3
          ? 'no knee: it needs a frontier of three points'
          : 'no knee: no point of the frontier lies above the chord between its ends',
      ...(slos.length > 0
        ? [
            'p50 and p99 are interpolated, over successful requests; shares under an SLO are by rank, over those sent',
          ]
        : []),
      ...(several ? ['of several runs: their means, and the least and most tokens/s'] : []),
      ...(few
        ? [
            'n: requests of the run with the fewest; * fewer than the percentile needs (p50 11, p99 662): do not read it as one',
          ]
        : []),
      ...unknown.map(
        ({ row }) => `${row['setting']}: not compared: it has no tokens/s, or none per user`,
      ),
      ...notValid.map(
        ({ row, nNotValid }) =>
          `! ${row['setting']}: ${nNotValid} of ${row['n_runs']} runs are not valid to judge by: tokentape report says why`,
      ),
    ],
  }
}

/** A percentile, marked where a run has too few samples for it. */
const marked = (row: Row, name: string, percent: number): Cell =>
  row[name] !== null && tooFew(Number(row['n_ttft']), percent)
    ? `${shown(row[name] as Cell)}*`
    : (row[name] as Cell)

const cells = (row: Row, names: string[]): Cell[] => names.map(name => row[name] as Cell)

function placeOf(row: Row): string {
  if (row['on_frontier'] === null) return '-'
  if (row['knee']) return 'frontier, knee'
  return row['on_frontier'] ? 'frontier' : `dominated by ${row['dominated_by']}`
}

const COLUMNS = [
  ...['setting', 'n_runs', 'tokens_per_second', 'tokens_per_second_min', 'tokens_per_second_max'],
  ...['tokens_per_second_per_gpu', 'tokens_per_user', 'request_throughput', 'concurrency'],
  ...['ttft_p50_ms', 'ttft_p99_ms', 'n_ttft', 'on_frontier', 'knee', 'dominated_by'],
]

const csvOf = (points: Point[], slos: Slo[]): Table => ({
  columns: [
    ...COLUMNS,
    'n_runs_not_valid',
    ...slos.flatMap(({ tier }) => [`goodput ${tier}`, `share_of_sent ${tier}`]),
  ],
  rows: points.map(({ row, goodput, nNotValid }) => [
    ...cells(row, COLUMNS),
    nNotValid,
    ...slos.flatMap(({ tier }) => {
      const found = goodput.find(own => own['tier'] === tier)
      return found ? cells(found, ['goodput', 'share_of_sent']) : [null, null]
    }),
  ]),
})
