import { UserError } from '../schemas/errors.ts'
import type { Tapes } from './open-tapes.ts'
import { metricsIn } from './predicate.ts'
import { quoted } from './quoted.ts'
import { requestMetricsOf } from './request-metrics.ts'
import type { Slo } from './slo.ts'

/**
 * Makes `_measured` and `_judged`.
 *
 * @param columns  of request_metrics, beside those of the SLOs
 * @throws UserError where a run has no request, or no request has a value of what the SLO limits
 */
export async function judge(tapes: Tapes, slos: Slo[], columns: string[] = []): Promise<void> {
  await measure(tapes, [...columns, ...slos.flatMap(slo => slo.columns)])
  await judgeMeasured(tapes, slos)
}

/**
 * Makes `_measured`: the metrics that are asked for, a row for each request of the profiling phase.
 *
 * @param columns  of request_metrics
 * @throws UserError where a run has no request, or no request has a value of one of them
 */
export async function measure(tapes: Tapes, columns: string[]): Promise<void> {
  const metrics = metricsIn([...new Set(columns)], tapes.metrics)
  await tapes.query(
    `create or replace temp table _measured as
     from (${requestMetricsOf(metrics)}) where phase = 'profiling'`,
  )
  await refuseEmpty(
    tapes,
    metrics.map(({ name, column }) => ({ name, column: column! })),
  )
}

/**
 * Makes `_judged` of what `_measured` has: a row for each request and tier, whether it is good, and which
 * parts of the SLO it meets. What is missing is bad.
 */
export async function judgeMeasured(tapes: Tapes, slos: Slo[]): Promise<void> {
  const tiers = slos.map(({ tier, sql, parts }) => {
    const met = (condition: string): string => `coalesce(outcome = 'ok' and (${condition}), false)`
    const each = parts.map(part => met(part.sql)).join(', ')
    return `select run_id, request_id, ${quoted(tier)} as tier, ${met(sql)} as good, [${each}] as parts from _measured`
  })
  if (tiers.length > 0)
    await tapes.query(`create or replace temp table _judged as ${tiers.join(' union all ')}`)
}

async function refuseEmpty(
  tapes: Tapes,
  metrics: { name: string; column: string }[],
): Promise<void> {
  const counts = metrics.map(({ column }) => `count(${column}) as ${column}`)
  const rows = await tapes.query(`
    select run_id, count(*) as n_requests, count(*) filter (outcome = 'ok') as n_ok
      ${counts.map(count => `, ${count}`).join('')}
    from _measured group by run_id`)
  for (const { manifest } of tapes.runs) {
    const row = rows.find(({ run_id }) => run_id === manifest.run_id)
    if (!row)
      throw new UserError(
        `${manifest.run_id}: no request to judge: the tape has none outside of the warm-up`,
        'record a run with requests',
      )
    for (const { name, column } of metrics)
      if (Number(row['n_ok']) > 0 && row[column] === 0)
        throw new UserError(
          `${manifest.run_id}: no request has a ${name}, so none can be judged by it`,
          `what it needs: tokentape explain ${name}`,
        )
  }
}
