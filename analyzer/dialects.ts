import { UserError } from '../schemas/errors.ts'
import { namesHint } from './nearest.ts'
import type { Tapes } from './open-tapes.ts'
import { quoted } from './quoted.ts'
import type { Row } from './rows.ts'

/** What a metric of a dialect is read in, and what it is divided by for that. */
export const DIALECT_METRICS = [
  { metric: 'ttft', title: 'time to first token', unit: 'ms', divisor: 1e6 },
  { metric: 'tpot', title: 'time per output token', unit: 'ms', divisor: 1e6 },
  { metric: 'itl', title: 'inter token latency', unit: 'ms', divisor: 1e6 },
  { metric: 'latency', title: 'request latency', unit: 'ms', divisor: 1e6 },
  { metric: 'tokens', title: 'output tokens of a request', unit: 'tokens', divisor: 1 },
  { metric: 'requests', title: 'requests that count', unit: 'requests', divisor: 1 },
  { metric: 'output_tokens', title: 'output tokens', unit: 'tokens', divisor: 1 },
  { metric: 'duration', title: 'duration', unit: 'sec', divisor: 1e9 },
  { metric: 'request_rate', title: 'request rate', unit: 'requests/sec', divisor: 1 },
  { metric: 'output_token_rate', title: 'output token rate', unit: 'tokens/sec', divisor: 1 },
] as const
export type DialectMetric = (typeof DIALECT_METRICS)[number]

/** The dialect that all others are compared with: our own definitions. */
export const OURS = 'aiperf'

/** What the SQL macros answered. */
export type DialectAnswer = {
  /** Rows of dialects, ours first. */
  dialects: Row[]
  /** Rows of dialect_numbers. */
  numbers: Row[]
  /** What a rule's value means, by `rule value`. */
  meanings: Map<string, string>
}

/**
 * The dialect of a name.
 *
 * @throws UserError for one that is not there, with the nearest name and all there are
 */
export async function dialectNamed(name: string, tapes: Tapes): Promise<string> {
  const names = (await tapes.query('select dialect from dialects')).map(row =>
    String(row['dialect']),
  )
  if (names.includes(name)) return name
  throw new UserError(`--as: no dialect "${name}"`, namesHint('dialects', name, names))
}

/**
 * Reads tapes by the rules of dialects.
 *
 * @param percentiles  in ascending order
 * @param only         one dialect; without it all of them
 */
export async function askDialects(
  tapes: Tapes,
  percentiles: number[],
  only?: string,
): Promise<DialectAnswer> {
  const quantiles = percentiles.map(percent => Number((percent / 100).toPrecision(12)))
  await tapes.query(`set variable quantiles = [${quantiles.join(', ')}]`)
  const some = only === undefined ? '' : `where dialect in (${quoted(OURS)}, ${quoted(only)})`
  const steps = only === undefined ? '' : `where is_dialect and dialect = ${quoted(only)}`
  const tables: Record<string, string> = {
    _dialects: `from dialects ${some}`,
    _steps: `from dialect_steps('_dialects') ${steps}`,
    _facts: 'from dialect_facts',
    _read_requests: `from dialect_requests('_steps', '_facts')`,
    _families: `from dialect_families('_steps', '_facts', '_read_requests')`,
    _samples: `from dialect_samples('_read_requests')`,
    _gaps: `from dialect_gaps('_families', '_read_requests')`,
    _statistics: `from dialect_statistics('_samples') union all from dialect_statistics('_gaps') union all from dialect_rates('_read_requests')`,
  }
  for (const [name, sql] of Object.entries(tables))
    await tapes.query(`create or replace temp table ${name} as ${sql}`)
  const rules = await tapes.query('from dialect_rules')
  return {
    dialects: await tapes.query(`from _dialects order by dialect <> ${quoted(OURS)}, dialect`),
    numbers: await tapes.query(`from dialect_numbers('_steps', '_families', '_statistics')`),
    meanings: new Map(
      rules.map(({ rule, value, meaning }) => [`${rule} ${value}`, String(meaning)]),
    ),
  }
}

/** A number of a run as a dialect reads it, in the unit that people read it in. A run's one value has no n. */
export type Reading = {
  metric: DialectMetric
  n: number | null
  mean: number
  percentiles: number[]
}

/** The numbers of a run by a dialect; those that it has no value of are left out. */
export function readingsOf({ numbers }: DialectAnswer, runId: string, dialect: string): Reading[] {
  const own = numbers.filter(
    row => row['run_id'] === runId && row['dialect'] === dialect && row['is_dialect'],
  )
  return DIALECT_METRICS.flatMap(metric => {
    const row = own.find(number => number['metric'] === metric.metric)
    if (!row || row['mean'] === null) return []
    const n = row['n'] === null ? null : Number(row['n'])
    return [{ metric, n, ...shownIn(metric, row['mean'], row['percentiles']) }]
  })
}

/** What a rule changed in a metric, on top of those that were switched before it. */
export type Change = Omit<Reading, 'n'> & { rule: string; cause: string }

/** A change of less than this, in the unit it is shown in, is rounding. */
const ROUNDING = 1e-6

/** What each rule changes on the way from ours to a dialect, metric by metric: the changes add up to the difference. */
export function changesOf(answer: DialectAnswer, runId: string, dialect: string): Change[] {
  const own = answer.numbers.filter(row => row['run_id'] === runId && row['dialect'] === dialect)
  return readingsOf(answer, runId, dialect).flatMap(({ metric }) =>
    own
      .filter(row => row['metric'] === metric.metric && row['mean_change'] !== null)
      .map(row => ({
        metric,
        rule: String(row['rule']),
        cause: answer.meanings.get(`${row['rule']} ${row['value']}`)!,
        ...shownIn(metric, row['mean_change'], row['percentile_changes']),
      }))
      .filter(({ mean, percentiles }) =>
        [mean, ...percentiles].some(change => Math.abs(change) >= ROUNDING),
      ),
  )
}

const shownIn = ({ divisor }: DialectMetric, mean: unknown, percentiles: unknown) => ({
  mean: Number(mean) / divisor,
  percentiles: ((percentiles as number[] | null) ?? []).map(value => value / divisor),
})

/** All that a dialect does, in words. */
export const rulesOf = (dialect: Row, { meanings }: DialectAnswer): string[] =>
  [...meanings]
    .filter(([key]) => {
      const [rule, value] = key.split(' ')
      return String(dialect[rule!]) === value
    })
    .map(([, meaning]) => meaning)
