import { readdirSync, readFileSync } from 'node:fs'
import { requestMetricsOf } from './request-metrics.ts'

/** An SQL file: one SELECT, whose relation has the file's name. */
export type Model = {
  layer: string
  name: string
  sql: string
  /** The first line of the header, without the dashes. */
  definition: string
  /** `key: value` lines of the header. */
  header: Record<string, string>
}

/** What a metric's header says. */
export type Metric = {
  name: string
  /** What AIPerf calls it on the screen. */
  title: string
  definition: string
  /** What a value is counted in. */
  unit: string
  /** What people read it in, where that is not the unit. */
  shown: string
  kind: 'distribution' | 'rate' | 'ratio' | 'scalar'
  /** What there is one sample of; of grain `time` samples are steps, with how long they lasted in `lasted_ns`. */
  grain: 'request' | 'token' | 'time' | 'run'
  better: 'lower' | 'higher' | 'neither'
  /** Its column of request_metrics, with its unit; undefined where a request has not one value of it. */
  column: string | undefined
  /** How its percentiles are taken unless asked otherwise. */
  percentiles: 'linear' | 'nearest' | 'time_weighted'
  /** Other names that it is found by. */
  aliases: string[]
  /** Whether reports show it without being asked. */
  report: 'default' | 'all'
  /** Its place in a list. */
  order: number
}

const SQL = new URL('sql/', import.meta.url)

/** The models in the order in which they are created: layer by layer, a layer's as they read each other. */
export function readModels(): Model[] {
  return readdirSync(SQL)
    .filter(layer => /^\d_/.test(layer))
    .sort()
    .flatMap(layer =>
      inReadingOrder(
        readdirSync(new URL(`${layer}/`, SQL))
          .filter(file => file.endsWith('.sql'))
          .sort()
          .map(file => readModel(layer, file)),
      ),
    )
}

/** Models of one layer, each after those that it reads, names sorted otherwise. */
function inReadingOrder(models: Model[]): Model[] {
  const byName = new Map(models.map(model => [model.name, model]))
  const ordered = new Set<Model>()
  const add = (model: Model): void => {
    byName.delete(model.name)
    for (const [, name] of model.sql.matchAll(/\b(?:from|join)\s+(\w+)/g)) {
      const read = byName.get(name!)
      if (read) add(read)
    }
    ordered.add(model)
  }
  for (const model of models) if (byName.has(model.name)) add(model)
  return [...ordered]
}

function readModel(layer: string, file: string): Model {
  const sql = readFileSync(new URL(`${layer}/${file}`, SQL), 'utf8')
  const header = /^(?:--.*\n)*/
    .exec(sql)![0]
    .split('\n')
    .map(line => line.replace(/^-- ?/, ''))
  const facts = header.map(line => /^([a-z]+): +(.+)$/.exec(line)).filter(match => match !== null)
  return {
    layer,
    name: file.replace('.sql', ''),
    sql,
    definition: header[0] ?? '',
    header: Object.fromEntries(facts.map(([, key, value]) => [key!, value!.trim()])),
  }
}

/** The catalogue of metrics, in the order in which they are listed. */
export const metricsOf = (models: Model[]): Metric[] =>
  models
    .filter(({ layer }) => layer === '4_metrics')
    .map(({ name, definition, header }) => ({
      name,
      definition,
      title: header['title'] ?? name,
      unit: header['unit'] ?? '',
      shown: header['shown'] ?? (header['unit'] === 'ns' ? 'ms' : (header['unit'] ?? '')),
      kind: header['kind'] as Metric['kind'],
      grain: header['grain'] as Metric['grain'],
      better: header['better'] as Metric['better'],
      column: header['column'],
      percentiles: (header['percentiles'] ?? 'linear') as Metric['percentiles'],
      aliases: header['aliases']?.split(/,\s*/) ?? [],
      report: (header['report'] ?? 'default') as Metric['report'],
      order: Number(header['order']),
    }))
    .sort((a, b) => a.order - b.order)

/** A relation, and the statement that creates it. */
export type Statement = { name: string; sql: string }

/** Creates every model as a relation, in the order of `statementsOf`. */
export async function createModels(
  connection: { run(sql: string): Promise<unknown> },
  models: Model[],
): Promise<void> {
  for (const { sql } of statementsOf(models)) await connection.run(sql)
  for (const { sql } of catalogueOf(models)) await connection.run(sql)
}

/**
 * The statements that create models, in layer order: one that reads a higher layer fails.
 *
 * `requests` is made a table, since every metric reads it. A report with `params:` becomes a table macro.
 */
export const statementsOf = (models: Model[]): Statement[] =>
  models.map(model => ({ name: model.name, sql: createStatement(model) }))

/** The relations that the headers give. */
export const CATALOGUE = ['metrics', 'samples', 'request_metrics', 'checks']

/** What the headers give: `metrics`, `samples` (all metrics, long), `request_metrics`, `checks` and `dialects`. */
export function catalogueOf(models: Model[]): Statement[] {
  const metrics = metricsOf(models)
  const rows = metrics.map(
    ({ name, title, unit, kind, grain, better }) =>
      `(${[name, title, unit, kind, grain, better].map(text => `'${text.replaceAll("'", "''")}'`).join(', ')})`,
  )
  const checks = models.filter(({ layer }) => layer === '5_checks').map(({ name }) => checkOf(name))
  const views: Record<string, string> = {
    metrics: `from (values ${rows.join(', ')}) as t(metric, title, unit, kind, grain, better)`,
    samples: metrics.map(({ name }) => samplesOf(name)).join(' union all '),
    request_metrics: requestMetricsOf(metrics),
    checks: checks.join(' union all '),
    dialects: models
      .filter(({ layer }) => layer === '5_dialects')
      .map(({ name }) => `from ${name}`)
      .join(' union all by name '),
  }
  return Object.entries(views).map(([name, sql]) => ({
    name,
    sql: `create view ${name} as ${sql}`,
  }))
}

const samplesOf = (metric: string): string =>
  `select run_id, '${metric}' as metric, request_id, at_ns, value::double as value from ${metric}`

const checkOf = (check: string): string =>
  `select run_id, '${check}' as name, severity, n_requests, message, hint from ${check}`

const createStatement = ({ name, sql, header }: Model): string => {
  if (header['params']) return `create macro ${name}(${header['params']}) as table ${sql}`
  return `create ${name === 'requests' ? 'table' : 'view'} ${name} as ${sql}`
}
