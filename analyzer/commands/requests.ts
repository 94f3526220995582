import { Command } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { type Answer, type Cell, TABLE_FORMATS } from '../formats/tables.ts'
import { metricNamed } from '../metric-named.ts'
import { namesHint } from '../nearest.ts'
import type { Tapes } from '../open-tapes.ts'
import { metricsIn, parsePredicate } from '../predicate.ts'
import { REQUEST_FACTS, requestMetricsOf } from '../request-metrics.ts'
import { timelineOf } from '../timeline.ts'
import { type TapeFlags, withTapeFlags, withTapes, withWindows } from '../with-tapes.ts'

export type RequestsFlags = TapeFlags & {
  sort?: string
  where?: string
  columns?: string
  limit?: number
  request?: number
}

const COLUMNS =
  'request_id,outcome,sent_ms,ttft_ms,itl_ms,max_gap_ms,latency_ms,isl_tokens,osl_tokens'
const LIMIT = 20

/** `requests <tape…>`: one row a request, the worst first; or all that happened to one. */
export const requestsCommand = (io: Io): Command =>
  withTapeFlags(new Command('requests').description('list requests, the worst first'))
    .option('--sort <metric>', 'what the worst is judged by (default: request_latency)')
    .option(
      '--where <condition>',
      `an SQL condition, for example "outcome <> 'ok' or ttft_ms > 500"`,
    )
    .option('--columns <list>', `of request_metrics (default: ${COLUMNS})`)
    .option('--limit <n>', `how many (default: ${LIMIT}); 0 for all`, wholeNumber('--limit'))
    .option('--request <id>', "one request's timeline", wholeNumber('--request'))
    .action((paths: string[], flags: RequestsFlags) => requests(paths, flags, io))

/** Prints requests of tapes. */
export async function requests(paths: string[], flags: RequestsFlags, io: Io): Promise<void> {
  const { format = 'text', request } = flags
  const answer = await withTapes(paths, flags, io, async tapes =>
    withWindows(
      await (request === undefined ? listOf(tapes, flags) : timelineOf(tapes, request)),
      tapes,
    ),
  )
  io.out(TABLE_FORMATS[format]!(answer))
}

async function listOf(tapes: Tapes, flags: RequestsFlags): Promise<Answer> {
  const known = [
    ...Object.keys(REQUEST_FACTS),
    ...tapes.metrics.flatMap(({ column }) => column ?? []),
  ]
  const columns = (flags.columns ?? COLUMNS).split(',').map(text => {
    const name = text.trim()
    if (known.includes(name)) return name
    const metric = tapes.metrics.find(found => found.name === name && found.column)
    if (metric) return metric.column!
    throw new UserError(`--columns: no column "${name}"`, namesHint('columns', name, known))
  })
  if (tapes.runs.length > 1 && !columns.includes('run_id')) columns.unshift('run_id')
  const sorted = sortOf(flags.sort ?? 'request_latency', tapes)
  const where =
    flags.where === undefined ? undefined : await parsePredicate(flags.where, '--where', tapes)
  const metrics = metricsIn([...columns, sorted.column, ...(where?.columns ?? [])], tapes.metrics)
  const limit = flags.limit ?? LIMIT
  // A failed request is worse than any number.
  const rows = await tapes.query(`
    with found as (
      select *, count(*) over () as n_found
      from (${requestMetricsOf(metrics)})
      where ${where ? `(${where.sql})` : "phase = 'profiling'"}
    )
    select n_found, ${columns.map(name => `"${name}"`).join(', ')}
    from found
    order by ${sorted.worstFirst}, run_id, request_id
    ${limit > 0 ? `limit ${limit}` : ''}`)
  const n = Number(rows[0]?.['n_found'] ?? 0)
  return {
    tables: [
      {
        columns,
        rows: rows.map(row => columns.map(name => row[name] as Cell)),
        notes: [`${rows.length} of ${n} requests, ${sorted.words}`],
      },
    ],
    json: rows.map(({ n_found, ...row }) => row),
  }
}

function sortOf(name: string, tapes: Tapes): { column: string; worstFirst: string; words: string } {
  if (name in REQUEST_FACTS) return { column: name, worstFirst: `"${name}"`, words: `by ${name}` }
  const { column, better, name: tag } = metricNamed(name, tapes.metrics, '--sort')
  if (!column)
    throw new UserError(
      `--sort: a request has not one value of ${tag}`,
      namesHint(
        'metrics of a request',
        tag,
        tapes.metrics.flatMap(metric => (metric.column ? metric.name : [])),
      ),
    )
  return {
    column,
    worstFirst: `${column} ${better === 'higher' ? 'asc' : 'desc'} nulls first`,
    words: `those without a ${column} first, then the worst ${column}`,
  }
}

function wholeNumber(flag: string): (text: string) => number {
  return text => {
    if (!/^\d+$/.test(text))
      throw new UserError(`${flag}: "${text}" is not a whole number`, `for example ${flag} 20`)
    return Number(text)
  }
}
