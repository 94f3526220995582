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
    answer.tiers = asGiven(await tapes.query('from _goodput'), tapes, slos)
    answer.parts = asGiven(await tapes.query(`from attainment('_judged')`), tapes, slos)
    if (capacity) {
      const { targetPerSec, attain } = capacity
      const rows = await tapes.query(
        `from capacity('_goodput', ${targetPerSec}::double, ${attain}::double)`,
      )
      answer.capacity = asGiven(rows, tapes, slos)
    }
  }
  if (solve !== undefined) answer.limits = await tightestLimits(tapes, slos, solve)
  if (axes.length > 0) {
    for (const statement of gridTables(axes)) await tapes.query(statement)
    answer.grid = await tapes.query(`from goodput_grid('_points', '_cells')`)
  }
  return answer
}

/** Rows in the order in which runs and tiers were named. */
function asGiven(rows: Row[], tapes: Tapes, slos: Slo[]): Row[] {
  const place = (row: Row): number =>
    tapes.runs.findIndex(run => run.manifest.run_id === row['run_id']) * slos.length +
    slos.findIndex(({ tier }) => tier === row['tier'])
  return rows.sort((a, b) => place(a) - place(b) || Number(a['part'] ?? 0) - Number(b['part'] ?? 0))
}

/** The statement that makes `_limited` of `_measured`: what tightest_limits reads. */
export function limitedTable(slos: Slo[]): string {
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
  return `create or replace temp table _limited as ${selects.join(' union all ')}`
}

async function tightestLimits(tapes: Tapes, slos: Slo[], share: number): Promise<Row[]> {
  await tapes.query(limitedTable(slos))
  const rows = await tapes.query(`from tightest_limits('_limited', ${share})`)
  return asGiven(rows, tapes, slos).map(row => {
    const { limit } = slos.find(({ tier }) => tier === row['tier'])!.parts[Number(row['part'])]!
    const sign = limit!.operator.startsWith('<') ? 1 : -1
    const turned = (value: unknown): number | null => (value === null ? null : sign * Number(value))
    return {
      ...row,
      limit_alone: turned(row['limit_alone']),
      limit_held: turned(row['limit_held']),
    }
  })
}

/** The limits of a cell, as they were asked for. */
export const cellLimits = (row: Row, axes: Axis[]): number[] =>
  axes.map(({ metric }, i) => signOf(metric) * Number(row[['x', 'y', 'z'][i]!]))
