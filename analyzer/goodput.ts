import { UserError } from '../schemas/errors.ts'
import { type Axis, gridTables, signOf } from './goodput-grid.ts'
import { judge } from './judged.ts'
import type { Tapes } from './open-tapes.ts'
import type { Row } from './rows.ts'
import type { Slo } from './slo.ts'

export type GoodputQuestion = {
  slos: Slo[]
  axes: Axis[]
  /** The share of requests that the tightest limits must hold for. */
  solve?: number | undefined
  /** Requests per second to serve, and the share of them that must be good. */
  capacity?: { targetPerSec: number; attain: number } | undefined
}

/** What the SQL macros answered: rows of goodput, attainment, goodput_grid, tightest_limits and capacity. */
export type GoodputAnswer = {
  tiers: Row[]
  parts: Row[]
  grid: Row[]
  limits: Row[]
  capacity: Row[]
}

/**
 * Judges every request by every SLO and asks the reports for the sums.
 *
 * @throws UserError for an SLO over an empty population
 */
export async function askGoodput(
  tapes: Tapes,
  { slos, axes, solve, capacity }: GoodputQuestion,
): Promise<GoodputAnswer> {
  await judge(
    tapes,
    slos,
    axes.map(({ metric }) => metric.column),
  )
  const answer: GoodputAnswer = { tiers: [], parts: [], grid: [], limits: [], capacity: [] }
  if (slos.length > 0) {
    await tapes.query(`create or replace temp table _goodput as from goodput('_judged')`)
    answer.tiers = await tapes.query('from _goodput order by run_id, tier')
    answer.parts = await tapes.query(`from attainment('_judged')`)
    if (capacity)
      answer.capacity = await tapes.query(
        `from capacity('_goodput', ${capacity.targetPerSec}::double, ${capacity.attain}::double)`,
      )
  }
  if (solve !== undefined) answer.limits = await tightestLimits(tapes, slos, solve)
  if (axes.length > 0) {
    for (const statement of gridTables(axes)) await tapes.query(statement)
    answer.grid = await tapes.query(`from goodput_grid('_points', '_cells')`)
  }
  return answer
}

async function tightestLimits(tapes: Tapes, slos: Slo[], share: number): Promise<Row[]> {
  const selects: string[] = []
  for (const { tier, parts } of slos)
    for (const [i, { limit, sql }] of parts.entries()) {
      if (!limit)
        throw new UserError(
          `--solve: "${sql}" is not one metric and its limit`,
          'solve for SLOs such as "ttft_ms <= 370 and latency_ms <= 648"',
        )
      const sign = limit.operator.startsWith('<') ? 1 : -1
      const others = parts.filter((_, j) => j !== i).map(part => `(${part.sql})`)
      selects.push(
        `select run_id, '${tier.replaceAll("'", "''")}' as tier, ${i} as part, ${sign} * ${limit.column} as value,
         coalesce(${others.join(' and ') || 'true'}, false) as others_met from _measured where outcome = 'ok'`,
      )
    }
  await tapes.query(`create or replace temp table _limited as ${selects.join(' union all ')}`)
  const rows = await tapes.query(`from tightest_limits('_limited', ${share})`)
  return rows.map(row => {
    const { limit } = slos.find(({ tier }) => tier === row['tier'])!.parts[Number(row['part'])]!
    const sign = limit!.operator.startsWith('<') ? 1 : -1
    const turned = (value: unknown): number | null => (value === null ? null : sign * Number(value))
    return { ...row, limit_alone: turned(row['limit_alone']), limit_held: turned(row['limit_held']) }
  })
}

/** The limits of a cell, as they were asked for. */
export const cellLimits = (row: Row, axes: Axis[]): number[] =>
  axes.map(({ metric }, i) => signOf(metric) * Number(row[['x', 'y', 'z'][i]!]))
