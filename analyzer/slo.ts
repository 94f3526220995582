import { UserError } from '../schemas/errors.ts'
import { metricNamed } from './metric-named.ts'
import type { Metric } from './models.ts'
import type { Tapes } from './open-tapes.ts'
import { type Part, type Predicate, parsePredicate } from './predicate.ts'
import { REQUEST_FACTS } from './request-metrics.ts'

/** A service level objective: what a request must meet to be good. */
export type Slo = Predicate & {
  /** The name given to it; else `slo`. */
  tier: string
  /** As it was written. */
  text: string
}

/** MLPerf's limits for first token and mean inter token time, ms, at the 99th percentile (LoadGen's mlperf.conf). */
export const MLPERF: Record<string, [ttftMs: number, itlMs: number]> = {
  'mlperf-llama2-70b': [2000, 200],
  'mlperf-llama2-70b-interactive': [450, 40],
  'mlperf-mixtral-8x7b': [2000, 200],
  'mlperf-llama3.1-405b': [6000, 175],
  'mlperf-llama3.1-405b-interactive': [4500, 80],
  'mlperf-llama3.1-8b': [2000, 100],
  'mlperf-llama3.1-8b-interactive': [500, 30],
  'mlperf-deepseek-r1': [2000, 80],
  'mlperf-deepseek-r1-interactive': [1500, 15],
  'mlperf-gpt-oss-120b': [3000, 80],
  'mlperf-gpt-oss-120b-interactive': [2000, 15],
}

/**
 * Reads `--slo`: `[name=]` and a preset, AIPerf's `tag:limit tag:limit` in display units, or an SQL
 * condition on request_metrics.
 *
 * @throws UserError for an unknown tag, column or preset; for two tiers of one name
 */
export async function parseSlos(texts: string[], flag: string, tapes: Tapes): Promise<Slo[]> {
  const slos: Slo[] = []
  for (const text of texts) {
    const { name, body } = named(text, tapes.metrics)
    const tier = name ?? (texts.length === 1 ? 'slo' : `slo ${slos.length + 1}`)
    if (slos.some(slo => slo.tier === tier))
      throw new UserError(`${flag}: two tiers are named "${tier}"`, 'give each its own name')
    slos.push({ ...(await parseBody(body, flag, tapes)), tier, text: body })
  }
  return slos
}

/** Splits `gold=…`; a condition such as `outcome='ok'` has no name: it begins with a column. */
function named(text: string, metrics: Metric[]): { name?: string; body: string } {
  const match = /^\s*([a-z][\w.-]*)=(?![=])\s*(.*)$/is.exec(text)
  const columns = new Set([...Object.keys(REQUEST_FACTS), ...metrics.map(({ column }) => column)])
  if (!match || columns.has(match[1]!)) return { body: text.trim() }
  return { name: match[1]!, body: match[2]!.trim() }
}

async function parseBody(body: string, flag: string, tapes: Tapes): Promise<Predicate> {
  const preset = Object.hasOwn(MLPERF, body) ? MLPERF[body] : undefined
  if (preset)
    return parsePredicate(`ttft_ms <= ${preset[0]} and itl_ms <= ${preset[1]}`, flag, tapes)
  if (/^mlperf-/.test(body))
    throw new UserError(
      `${flag}: no preset "${body}"`,
      `presets are ${Object.keys(MLPERF).join(', ')}`,
    )
  if (body === '')
    throw new UserError(
      `${flag}: is empty`,
      `for example ${flag} "time_to_first_token:370 request_latency:648"`,
    )
  if (!/^\w+:\S+(\s+\w+:\S+)*$/.test(body) || body.includes('::'))
    return parsePredicate(body, flag, tapes)
  const parts = body.split(/\s+/).map(pair => conditionOf(pair, flag, tapes.metrics))
  return parsePredicate(parts.join(' and '), flag, tapes)
}

/** AIPerf's `time_to_first_token:370` as a condition: inclusive, the other way round where more is better. */
function conditionOf(pair: string, flag: string, metrics: Metric[]): string {
  const [tag, limit] = pair.split(':')
  if (!/^\d+(\.\d+)?$/.test(limit!))
    throw new UserError(`${flag}: "${pair}": "${limit}" is not a number`, `for example ${tag}:370`)
  const { column } = sloMetric(tag!, flag, metrics)
  return `${column} ${metricNamed(tag!, metrics, flag).better === 'higher' ? '>=' : '<='} ${limit}`
}

/**
 * A metric that a request has one value of.
 *
 * @throws UserError for one that it has many or none of
 */
export function sloMetric(
  name: string,
  flag: string,
  metrics: Metric[],
): Metric & { column: string } {
  const metric = metricNamed(name, metrics, flag)
  if (metric.column !== undefined) return metric as Metric & { column: string }
  const names = metrics.filter(({ column }) => column).map(other => other.name)
  throw new UserError(
    `${flag}: a request has not one value of ${metric.name}`,
    `metrics of a request are ${names.sort().join(', ')}`,
  )
}

/** A part in words: its metric and the limit, or the condition itself. */
export const partText = ({ sql, limit }: Part): string =>
  limit ? `${limit.column} ${limit.operator} ${limit.value}` : sql
