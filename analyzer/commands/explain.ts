import { Command } from 'commander'
import type { Io } from '../../schemas/io.ts'
import { type Answer, TABLE_FORMATS } from '../formats/tables.ts'
import { metricNamed, shortName } from '../metric-named.ts'
import { type Metric, metricsOf, readModels } from '../models.ts'
import { tableFormatOption } from '../with-tapes.ts'

/** `explain [metric]`: what a metric is, and the SQL that it is made by. Needs no tape. */
export const explainCommand = (io: Io): Command =>
  new Command('explain')
    .description('say what a metric is, and how it is computed')
    .argument('[metric]', 'its name; left out: all of them')
    .addOption(tableFormatOption())
    .action((name: string | undefined, flags: { format?: string }) => explain(name, flags, io))

/** Prints the definition of a metric, or the list of all. */
export function explain(name: string | undefined, flags: { format?: string }, io: Io): void {
  const models = readModels()
  const metrics = metricsOf(models)
  const print = TABLE_FORMATS[flags.format ?? 'text']!
  if (name === undefined) {
    io.out(print(listOf(metrics)))
    return
  }
  const metric = metricNamed(name, metrics, 'explain')
  const { sql } = models.find(model => model.name === metric.name)!
  io.out(print(answerOf(metric, sql)))
}

const listOf = (metrics: Metric[]): Answer => ({
  tables: [
    {
      columns: ['metric', 'column', 'unit', 'definition'],
      rows: metrics.map(({ name, column, shown, definition }) => [
        name,
        column ?? null,
        shown,
        definition,
      ]),
    },
  ],
  json: metrics,
})

const GRAINS = {
  request: 'one value a request',
  token: 'one value a gap or token',
  time: 'its value over time, every request sent, failed ones too; without the warm-up',
  run: 'one value a run',
} as const

function answerOf(metric: Metric, sql: string): Answer {
  const { name, title, definition, unit, shown, better, column, grain } = metric
  const header = /^(?:--.*\n)*/
    .exec(sql)![0]
    .split('\n')
    .map(line => line.replace(/^-- ?/, ''))
  const more = header.slice(1).filter(line => line !== '' && !/^[a-z]+: /.test(line))
  const body = sql.slice(/^(?:--.*\n)*/.exec(sql)![0].length).trim()
  const facts: [string, string][] = [
    ['unit', unit === shown ? unit : `${shown} (computed in ${unit})`],
    ['population', `${GRAINS[grain]}${populationOf(body)}`],
    ['better', better],
    ...(column
      ? [['request_metrics', `${column}; short ${shortName(metric)}`] as [string, string]]
      : []),
    ['percentiles', metric.percentiles],
    ['in reports', metric.report === 'default' ? 'always' : 'with --all'],
  ]
  return {
    head: [`${title} (${name})`, definition, ...more, '', body],
    tables: [{ columns: ['', ''], rows: facts }],
    json: { ...metric, notes: more.join(' '), population: facts[1]![1], sql: body },
  }
}

/** Relations that a metric is made from without being said to be of another. */
const BASE = [
  'requests',
  'messages',
  'windows',
  'raw_runs',
  'raw_requests',
  'range',
  'load_steps',
  'under_way',
]

/** What the conditions of the SQL leave out, in words. */
function populationOf(sql: string): string {
  const words = [
    sql.includes("outcome = 'ok'") ? 'successful requests only' : '',
    sql.includes("outcome <> 'ok'") && !sql.includes('union all') ? 'failed requests count' : '',
    sql.includes("phase = 'profiling'") ? 'without the warm-up' : '',
    /\bstreamed\b/.test(sql) ? 'streamed answers only' : '',
    /scheduled_ns is not null/.test(sql) ? 'open loop only' : '',
  ].filter(word => word !== '')
  const read = [...sql.matchAll(/\b(?:from|join)\s+(\w+)/g)].map(([, name]) => name!)
  const own = [...sql.matchAll(/^(\w+) as \($/gm)].map(([, name]) => name!)
  const from = read.filter(name => ![...BASE, ...own].includes(name))
  const of = from.length > 0 ? `as ${[...new Set(from)].join(', ')}` : ''
  const all = [...words, of].filter(word => word !== '')
  return all.length > 0 ? `; ${all.join(', ')}` : ''
}
