import { type MetricSubject, parseSubject, subjectName } from './gate.ts'
import type { Tapes } from './open-tapes.ts'
import { percentileFloor } from './percentile-floor.ts'

/** The metrics that are gated where none are named: what a user waits for, and what the server gets done. */
const GATED = ['time_to_first_token', 'inter_token_latency', 'request_latency'] as const
const GATED_OF_RUN = ['output_token_throughput'] as const
/** The percentiles of them that are gated: what most users see, and the tail. */
const GATED_PERCENTILES = [50, 95, 99]
/** What stands for the tail where runs have too few samples for the other two. */
const SHORT_TAIL = 90
export const SHOWN_PERCENTILES = [50, 90, 99]

export type SubjectFlags = { gate?: string[]; percentiles?: number[]; all?: boolean }

/**
 * What is compared, and which of it is gated. By default of what a user waits for p50, p95 and p99, as far as every
 * run has samples for them; p90 where there are too few for p95.
 */
export async function subjectsOf(
  tapes: Tapes,
  flags: SubjectFlags,
): Promise<{ subjects: MetricSubject[]; gates: MetricSubject[]; notes: string[] }> {
  const chosen = flags.gate ? undefined : await defaultGates(tapes)
  const gates =
    chosen?.gates ?? flags.gate!.map(text => parseSubject(text, '--gate', tapes.metrics))
  const subjects = new Map(gates.map(subject => [subjectName(subject), subject]))
  for (const metric of tapes.metrics) {
    if (!flags.all && (metric.report !== 'default' || metric.better === 'neither')) continue
    const statistics: MetricSubject['statistic'][] =
      metric.grain === 'run'
        ? [undefined]
        : ['avg', ...(flags.percentiles ?? SHOWN_PERCENTILES).map(percent => ({ percent }))]
    for (const statistic of statistics) {
      const subject: MetricSubject = { kind: 'metric', metric, statistic }
      const name = subjectName(subject)
      if (!subjects.has(name)) subjects.set(name, subject)
    }
  }
  return {
    subjects: [...subjects.values()],
    gates: gates.map(gate => subjects.get(subjectName(gate))!),
    notes: chosen?.notes ?? [],
  }
}

async function defaultGates(tapes: Tapes): Promise<{ gates: MetricSubject[]; notes: string[] }> {
  const gates: MetricSubject[] = []
  const notes: string[] = []
  for (const name of GATED) {
    const rows = await tapes.query(
      `select run_id, count(value) as n from ${name} group by run_id order by run_id`,
    )
    const counts = rows.map(({ n }) => Number(n)).filter(n => n > 0)
    // What no run has is no gate. What some have is one, and says of the others that it cannot be judged.
    if (counts.length === 0) continue
    const least = Math.min(...counts)
    const percents = gatedPercentiles(least)
    for (const percent of percents)
      gates.push(parseSubject(`${name}.p${percent}`, '--gate', tapes.metrics))
    if (!percents.includes(99))
      notes.push(
        `of ${name} p${percents.at(-1)} is the highest that is gated: p99 needs ${percentileFloor(99)} samples a run, and a run has ${least}`,
      )
  }
  for (const name of GATED_OF_RUN) {
    const rows = await tapes.query(`select run_id from ${name} where value is not null`)
    if (rows.length > 0) gates.push(parseSubject(name, '--gate', tapes.metrics))
  }
  return { gates, notes }
}

/** Those that n samples suffice for; p50 where they suffice for none, which then says so. */
function gatedPercentiles(n: number): number[] {
  const enough = [...GATED_PERCENTILES, SHORT_TAIL].filter(percent => percentileFloor(percent) <= n)
  if (enough.length === 0) return [50]
  return enough.includes(95) ? enough.filter(percent => percent !== SHORT_TAIL) : enough
}
