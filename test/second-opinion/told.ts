import type { Comparable } from './tally.ts'

export type Row = Record<string, unknown>

/** Tapes as `openTapes` of the package gives them: so much of it as is asked here, and no code of the analyzer's. */
export type AnalyzedTapes = {
  query(sql: string): Promise<Row[]>
  report(options: { percentiles: number[]; all: boolean }): Promise<SaidReport[]>
  slices(options: { widthNs: number; by: 'both'; percentiles: number[] }): Promise<SaidSlice[]>
  goodput(options: { slo: string }): Promise<{ tiers: Row[] }>
}
export type SaidReport = { runId: string; metrics: Summary[] }
export type Summary = { metric: { name: string; unit: string; shown: string } } & Record<
  'n' | 'avg' | 'min' | 'max' | 'sum' | 'std',
  number
> & { percentiles: Map<number, number> }
export type SaidSlice = { runId: string; metrics: (Summary & { by: string })[] } & Record<
  string,
  unknown
>

/** Rows of relations, by run: each relation is asked for once. */
export type RowsOf = (relation: string, orderBy: string) => Promise<Map<string, Row[]>>

export const rowsByRun = (tapes: AnalyzedTapes): RowsOf => {
  const asked = new Map<string, Map<string, Row[]>>()
  return async (relation, orderBy) => {
    const known = asked.get(relation)
    if (known) return known
    const byRun = new Map<string, Row[]>()
    for (const row of await tapes.query(`from ${relation} order by ${orderBy}`)) {
      const runId = String(row['run_id'])
      const own = byRun.get(runId)
      if (own) own.push(row)
      else byRun.set(runId, [row])
    }
    asked.set(relation, byRun)
    return byRun
  }
}

/** A cell as it is compared. */
export const plain = (value: unknown): Comparable =>
  typeof value === 'bigint' ? Number(value) : (value as Comparable)

const DIVISORS: Record<string, number> = { ms: 1e6, sec: 1e9 }

/** A value in the unit that people read. */
export const shown = (
  value: number | null | undefined,
  summary: Summary | undefined,
): Comparable => {
  const divisor = summary?.metric.unit === 'ns' ? DIVISORS[summary.metric.shown]! : 1
  return value === null || value === undefined ? null : value / divisor
}

/** Reports have NaN where there is no number. */
export const known = (value: number | undefined): Comparable =>
  value === undefined || Number.isNaN(value) ? null : value
