import { EXIT, UserError } from '../schemas/errors.ts'
import { metricNamed } from './metric-named.ts'
import type { Metric } from './models.ts'

/** What a gate looks at. */
export type Subject =
  | MetricSubject
  /** The share of the requests sent that meet an SLO: a tier's name, or the SLO itself. */
  | { kind: 'goodput'; slo: string }

export type MetricSubject = { kind: 'metric'; metric: Metric; statistic: Statistic | undefined }

/** A statistic of a metric that has many values a run. */
export type Statistic = 'avg' | 'min' | 'max' | 'std' | 'sum' | 'n' | { percent: number }

export type Operator = '<' | '<=' | '>' | '>=' | '=='

/** A condition on a run. */
export type Gate = {
  /** As it was written. */
  text: string
  subject: Subject
  operator: Operator
  /** In the unit that the metric is stored in. */
  limit: number
}

const STATISTICS: Record<string, Statistic> = {
  avg: 'avg',
  mean: 'avg',
  min: 'min',
  max: 'max',
  std: 'std',
  sum: 'sum',
  n: 'n',
  count: 'n',
}

/** Powers of ten from a unit to nanoseconds; minutes and hours are none. */
const EXPONENTS: Record<string, number> = { ns: 0, us: 3, ms: 6, s: 9, sec: 9 }
const SECONDS: Record<string, number> = { m: 60, h: 3600 }

const GRAMMAR =
  'write METRIC[.STATISTIC] OPERATOR NUMBER[UNIT], for example "ttft.p99 < 500ms", "goodput(tier) >= 0.95", "failed_ratio < 0.01"'

/**
 * Reads a gate:
 *
 *     gate      = subject operator number [unit]
 *     subject   = metric | metric "." statistic | "goodput(" slo ")"
 *     statistic = "p" number from 0 to 100 | avg | mean | min | max | std | sum | n | count
 *     operator  = "<" | "<=" | ">" | ">=" | "=="
 *
 * A metric is named as everywhere: `time_to_first_token`, `ttft_ms`, `ttft`. One with many values a run takes
 * a statistic, one with a single value takes none. A duration takes its unit (ns, us, ms, s, m, h); other
 * limits may carry the metric's own unit, and a ratio may be written in %. An slo is a tier's name, a preset, or an SLO.
 *
 * @throws UserError for what is no gate (EXIT.usage), or names an unknown metric (EXIT.notValid)
 */
export function parseGate(text: string, flag: string, metrics: Metric[]): Gate {
  const refuse = (what: string, hint = GRAMMAR): UserError =>
    new UserError(`${flag}: "${text}": ${what}`, hint)
  const match =
    /^\s*(goodput\(.*\)|[^\s<>=]+)\s*(<=|>=|==|<|>)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(\S.*?)?\s*$/is.exec(
      text,
    )
  if (!match) throw refuse('is no gate')
  const [, left, operator, number, unit] = match
  const goodput = /^goodput\(\s*(.*?)\s*\)$/is.exec(left!)
  if (goodput) {
    if (goodput[1] === '')
      throw refuse('goodput of what?', 'name a tier or an SLO in the parentheses')
    const limit = ratioOf(number!, unit, refuse)
    if (!(limit >= 0 && limit <= 1)) throw refuse(`goodput is a share from 0 to 1, not ${number}`)
    return {
      text: text.trim(),
      subject: { kind: 'goodput', slo: goodput[1]! },
      operator: operator as Operator,
      limit,
    }
  }
  const subject = subjectOf(left!, flag, metrics, refuse)
  return {
    text: text.trim(),
    subject,
    operator: operator as Operator,
    limit: limitOf(subject, number!, unit, refuse),
  }
}

/**
 * Reads a metric and its statistic, `ttft.p99`, or a metric of one value a run.
 *
 * @throws UserError for what is neither
 */
export const parseSubject = (text: string, flag: string, metrics: Metric[]): MetricSubject =>
  subjectOf(
    text.trim(),
    flag,
    metrics,
    (what, hint = 'for example ttft.p99') => new UserError(`${flag}: "${text}": ${what}`, hint),
  )

type Refuse = (what: string, hint?: string) => UserError

function subjectOf(left: string, flag: string, metrics: Metric[], refuse: Refuse): MetricSubject {
  const dot = left.indexOf('.')
  const name = dot < 0 ? left : left.slice(0, dot)
  const metric = metricIn(name, flag, metrics)
  if (dot < 0) {
    if (metric.grain !== 'run')
      throw refuse(
        `${metric.name} has many values a run`,
        `name a statistic of it, for example ${name}.p99, ${name}.avg or ${name}.max`,
      )
    return { kind: 'metric', metric, statistic: undefined }
  }
  if (metric.grain === 'run')
    throw refuse(`${metric.name} is one value a run`, `write ${name} without a statistic`)
  return { kind: 'metric', metric, statistic: statisticOf(left.slice(dot + 1), refuse) }
}

/** An unknown metric is never a pass: its error says that nothing could be judged. */
function metricIn(name: string, flag: string, metrics: Metric[]): Metric {
  try {
    return metricNamed(name, metrics, flag)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError(error.message, error.hint, EXIT.notValid)
  }
}

/** A statistic by its name: `p99.9`, `avg`. */
export function statisticOf(name: string, refuse: Refuse): Statistic {
  if (Object.hasOwn(STATISTICS, name)) return STATISTICS[name]!
  const percent = /^p(\d+(?:\.\d+)?)$/.exec(name)?.[1]
  if (percent === undefined || Number(percent) > 100)
    throw refuse(
      `no statistic "${name}"`,
      `statistics are p0 to p100, ${Object.keys(STATISTICS).join(', ')}`,
    )
  return { percent: Number(percent) }
}

function limitOf(
  { metric, statistic }: MetricSubject,
  number: string,
  unit: string | undefined,
  refuse: Refuse,
): number {
  if (statistic === 'n') {
    if (unit !== undefined) throw refuse(`a count has no unit "${unit}"`)
    return Number(number)
  }
  if (metric.unit === 'ratio') return ratioOf(number, unit, refuse)
  if (metric.unit !== 'ns') {
    if (unit === undefined || unit === metric.unit) return Number(number)
    throw refuse(`${metric.name} is in ${metric.unit}, not "${unit}"`, `leave the unit out`)
  }
  if (unit === undefined)
    throw refuse(
      `${number} of what?`,
      `${metric.name} is a duration: write ${number}ms or ${number}s`,
    )
  // The decimal point is shifted in the text: 1.1 ms are 1,100,000 ns and not a little more.
  if (Object.hasOwn(EXPONENTS, unit)) return shifted(number, EXPONENTS[unit]!)
  if (!Object.hasOwn(SECONDS, unit))
    throw refuse(`"${unit}" is no unit of time`, 'units are ns, us, ms, s, m, h')
  return shifted(number, 9) * SECONDS[unit]!
}

function ratioOf(number: string, unit: string | undefined, refuse: Refuse): number {
  if (unit === undefined || unit === 'ratio') return Number(number)
  if (unit === '%') return shifted(number, -2)
  throw refuse(`a ratio has no unit "${unit}"`, 'write 0.95 or 95%')
}

function shifted(number: string, exponent: number): number {
  const [digits, own = '0'] = number.toLowerCase().split('e')
  return Number(`${digits}e${Number(own) + exponent}`)
}

/** Whether a value meets a gate. */
export const isMet = (value: number, { operator, limit }: Gate): boolean =>
  ({
    '<': value < limit,
    '<=': value <= limit,
    '>': value > limit,
    '>=': value >= limit,
    '==': value === limit,
  })[operator]

/** What is looked at, in full: `time_to_first_token.p99`. */
export function subjectName(subject: Subject): string {
  if (subject.kind === 'goodput') return `goodput(${subject.slo})`
  const { metric, statistic } = subject
  if (statistic === undefined) return metric.name
  return `${metric.name}.${typeof statistic === 'object' ? `p${statistic.percent}` : statistic}`
}
