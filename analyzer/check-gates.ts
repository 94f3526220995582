import { EXIT, UserError } from '../schemas/errors.ts'
import { type Gate, isMet, type Statistic } from './gate.ts'
import { askGoodput } from './goodput.ts'
import type { Metric } from './models.ts'
import type { Tapes } from './open-tapes.ts'
import { percentileFloor } from './percentile-floor.ts'
import { quoted } from './quoted.ts'
import type { Row } from './rows.ts'
import { parseSlos, type Slo } from './slo.ts'
import { type RunVerdict, verdictOf } from './verdict.ts'

/** A gate held against a run. */
export type Checked = {
  runId: string
  gate: Gate
  /** `error`: it could not be judged, which is never a pass. */
  result: 'pass' | 'fail' | 'error'
  /** In the unit that the metric is stored in; null where there is none. */
  value: number | null
  /** How many samples it is of; null for what is one value a run. */
  n: number | null
  /** Why it could not be judged. */
  why?: string
}

/**
 * Holds every run to every gate.
 *
 * @param tiers  SLOs by name, for `goodput(name)`
 */
export async function checkGates(
  tapes: Tapes,
  gates: readonly Gate[],
  tiers: Record<string, string>,
): Promise<{ checked: Checked[]; verdicts: RunVerdict[] }> {
  const verdicts = await verdictOf(tapes)
  const checked: Checked[] = []
  for (const gate of gates) {
    const measured =
      gate.subject.kind === 'goodput'
        ? await goodputOf(tapes, gate.subject.slo, tiers)
        : await statisticsOf(tapes, gate.subject.metric, gate.subject.statistic)
    for (const { runId, verdict, checks } of verdicts) {
      const found = measured.get(runId) ?? { value: null, n: 0, why: 'there is nothing to judge' }
      const why =
        verdict === 'not valid'
          ? `the run is not valid: ${checks
              .filter(({ severity }) => severity === 'error')
              .map(({ message }) => message)
              .join('; ')}`
          : found.why
      const result = why !== undefined ? 'error' : isMet(found.value!, gate) ? 'pass' : 'fail'
      checked.push({ runId, gate, result, value: found.value, n: found.n, ...(why ? { why } : {}) })
    }
  }
  return { checked, verdicts }
}

type Measured = Pick<Checked, 'value' | 'n' | 'why'>

async function statisticsOf(
  tapes: Tapes,
  metric: Metric,
  statistic: Statistic | undefined,
): Promise<Map<string, Measured>> {
  const percent = typeof statistic === 'object' ? statistic.percent : 50
  await tapes.query(`set variable quantiles = [${Number((percent / 100).toPrecision(12))}]`)
  const rows = await tapes.query(
    `from summary(${quoted(metric.name)}, method := ${quoted(metric.percentiles)})`,
  )
  const measured = new Map<string, Measured>()
  for (const { manifest } of tapes.runs) {
    const row = rows.find(({ run_id }) => run_id === manifest.run_id)
    measured.set(manifest.run_id, row ? measuredOf(row, statistic) : nothing(metric))
  }
  return measured
}

const nothing = ({ name, grain }: Metric): Measured => ({
  value: null,
  n: 0,
  why: `${grain === 'run' ? `the run has no` : `no request has a`} ${name}; what it needs: tokentape explain ${name}`,
})

function measuredOf(row: Row, statistic: Statistic | undefined): Measured {
  const value = statisticOfRow(
    row,
    statistic,
    typeof statistic === 'object' ? [statistic.percent] : [],
  )
  const n = statistic === undefined ? null : Number(row['n'])
  if (value === null) return { value, n, why: 'there is no value of it' }
  if (typeof statistic !== 'object') return { value, n }
  const floor = percentileFloor(statistic.percent)
  if (n! >= floor) return { value, n }
  return { value, n, why: `too few samples: ${n}, p${statistic.percent} needs ${floor}` }
}

/**
 * A statistic from a row of summary; of a metric with one value a run that value.
 *
 * @param percents  the percentiles that the row has, in its order
 */
export function statisticOfRow(
  row: Row,
  statistic: Statistic | undefined,
  percents: number[],
): number | null {
  if (typeof statistic !== 'object') return number(row[statistic ?? 'avg'])
  return number((row['percentiles'] as unknown[])[percents.indexOf(statistic.percent)])
}

const number = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value)

async function goodputOf(
  tapes: Tapes,
  slo: string,
  tiers: Record<string, string>,
): Promise<Map<string, Measured>> {
  const slos = await slosOf(tapes, slo, tiers)
  try {
    const { tiers: rows } = await askGoodput(tapes, { slos, axes: [] })
    return new Map(
      rows.map(row => {
        const nSent = Number(row['n_sent'])
        const value = row['share_of_sent'] === null ? null : Number(row['share_of_sent'])
        return [
          String(row['run_id']),
          { value, n: nSent, ...(value === null ? { why: 'no request was sent' } : {}) },
        ]
      }),
    )
  } catch (error) {
    // Nothing has what the SLO limits: no run can be judged by it, and none passes.
    if (!(error instanceof UserError)) throw error
    const why = error.message
    return new Map(tapes.runs.map(({ manifest }) => [manifest.run_id, { value: null, n: 0, why }]))
  }
}

/**
 * The SLO of a gate: that of a tier, a preset, or the words themselves.
 *
 * @throws UserError (EXIT.notValid) where it is none of them: a gate that cannot be read is never a pass
 */
async function slosOf(tapes: Tapes, slo: string, tiers: Record<string, string>): Promise<Slo[]> {
  const text = Object.hasOwn(tiers, slo) ? tiers[slo]! : slo
  try {
    return await parseSlos([`gate=${text}`], `goodput(${slo})`, tapes)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (text !== slo || !/^[\w.-]+$/.test(slo))
      throw new UserError(error.message, error.hint, EXIT.notValid)
    const names = Object.keys(tiers)
    throw new UserError(
      `goodput(${slo}): no tier "${slo}"`,
      `${names.length > 0 ? `tiers are ${names.join(', ')}` : 'no tier has been named'}; name one with --slo "${slo}=ttft_ms <= 500", or under slos: in the file`,
      EXIT.notValid,
    )
  }
}
