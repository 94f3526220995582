import type { Metric } from './models.ts'

/** What a row of request_metrics says of its request beside its metrics. */
export const REQUEST_FACTS: Record<string, string> = {
  run_id: 'run_id',
  request_id: 'request_id',
  phase: 'phase',
  outcome: 'outcome',
  status: 'status',
  detail: 'detail',
  finish_reason: 'finish_reason',
  model: 'model',
  lane: 'lane',
  session_id: 'session_id',
  turn: 'turn',
  dataset_row: 'dataset_row',
  n_retries: 'n_retries',
  requested_tokens: 'requested_output_tokens',
  scheduled_ms: 'scheduled_ns / 1e6',
  sent_ms: 'sent_ns / 1e6',
  end_ms: 'end_ns / 1e6',
}

/**
 * The SELECT of request_metrics: a row for each request, failed ones included, a column for each
 * metric that a request has one value of, in the unit in its name. Where it has none it is NULL.
 *
 * @param metrics  those wanted: what is left out is not computed
 */
export function requestMetricsOf(metrics: Metric[]): string {
  const wanted = metrics.filter(({ column }) => column !== undefined)
  const facts = Object.entries(REQUEST_FACTS).map(([name, sql]) => `${sql} as ${name}`)
  if (wanted.length === 0) return `select ${facts.join(', ')} from requests`
  const samples = wanted.map(
    ({ name }) =>
      `select run_id, request_id, '${name}' as metric, value::double as value from ${name}`,
  )
  const pivots = wanted.map(
    ({ name, column, unit }) =>
      `max(value) filter (metric = '${name}')${unit === 'ns' ? ' / 1e6' : ''} as ${column}`,
  )
  return `
    with pivoted as (
      select run_id, request_id, ${pivots.join(', ')}
      from (${samples.join(' union all ')})
      group by run_id, request_id
    )
    select ${[...facts, ...wanted.map(({ column }) => `pivoted.${column} as ${column}`)].join(', ')}
    from requests
    left join pivoted using (run_id, request_id)`
}
