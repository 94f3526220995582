/**
 * `run.json`: what a run was and in which state its tape is.
 *
 * Instants that may pass 2^53 are decimal strings. Secrets never stand here: they are
 * replaced by `[redacted]` before the manifest is made.
 */
export type Manifest = {
  format: 'tokentape'
  format_version: number
  state: 'recording' | 'sealed'
  run_id: string
  /** Wall clock at the monotonic zero, ns since the Unix epoch; null where an import does not know it. */
  started_at_unix_ns: string | null
  /** CLOCK_MONOTONIC at the run's zero, ns; null in an imported tape. */
  monotonic_zero_ns: string | null
  /** When the last lane stopped, ns since zero. Absent while recording or after a crash. */
  ended_ns?: number
  /** How the run ended. Absent while recording or after a crash. */
  outcome?: 'completed' | 'interrupted' | 'failed'
  /** Why it failed, for people. */
  failure?: string
  /** When each phase began and ended, ns since zero. Absent while recording or after a crash. */
  phases?: { name: string; started_ns: number; ended_ns: number }[]
  argv: string[]
  plan: Record<string, unknown>
  /** null in an imported tape. */
  seed: number | null
  keep: 'raw' | 'timing'
  lanes: number
  shard: { index: number; of: number }
  endpoint: { type: string; streaming: boolean; urls: string[]; model: string }
  dataset: { kind: string; digest: string }
  tokenizer: { id: string; digest: string }
  clock: { source: string; kernel_clocksource: string | null }
  host: Record<string, unknown>
  /** What was asked once before the run, and is in no table; absent where nothing was. */
  preflight?: Preflight[]
  /** Where a tape came from that tokentape did not record. */
  imported?: Imported
}

/** A request that was sent before the run, to learn whether its own can succeed. */
export type Preflight = {
  url: string
  model: string
  /** Of the answer; null where none came. */
  status: number | null
  /** From its send to the head of the answer, or to the failure. */
  took_ns: number
  /** Why no answer came: a code of `error` events. */
  error?: string
}

/** What an imported tape was made from. */
export type Imported = {
  /** The tool whose results they are. */
  tool: string
  /** The files read, by name, with the SHA-256 of each. */
  files: { name: string; sha256: string }[]
  /** Whether they say when each request was sent; if not, all are sent at 0. */
  starts_known: boolean
  /** What they do not say, for people. */
  unknown: string[]
}

type Check = (value: unknown) => boolean
const text: Check = value => typeof value === 'string'
const count: Check = value => Number.isInteger(value) && (value as number) >= 0
const object: Check = value => typeof value === 'object' && value !== null && !Array.isArray(value)
const decimal: Check = value => text(value) && /^\d+$/.test(value as string)
const oneOf =
  (...allowed: unknown[]): Check =>
  value =>
    allowed.includes(value)
const optional =
  (check: Check): Check =>
  value =>
    value === undefined || check(value)
const nullable =
  (check: Check): Check =>
  value =>
    value === null || check(value)

const CHECKS: Record<keyof Manifest, [Check, expected: string]> = {
  format: [oneOf('tokentape'), '"tokentape"'],
  format_version: [value => count(value) && value !== 0, 'a whole number above 0'],
  state: [oneOf('recording', 'sealed'), '"recording" or "sealed"'],
  run_id: [value => text(value) && value !== '', 'a name'],
  started_at_unix_ns: [nullable(decimal), 'decimal nanoseconds as text'],
  monotonic_zero_ns: [nullable(decimal), 'decimal nanoseconds as text'],
  ended_ns: [optional(count), 'whole nanoseconds'],
  outcome: [optional(oneOf('completed', 'interrupted', 'failed')), 'an outcome of a run'],
  failure: [optional(text), 'text'],
  phases: [optional(Array.isArray), 'a list of phases'],
  argv: [value => Array.isArray(value) && value.every(text), 'a list of texts'],
  plan: [object, 'an object'],
  seed: [nullable(count), 'a whole number'],
  keep: [oneOf('raw', 'timing'), '"raw" or "timing"'],
  lanes: [count, 'a whole number'],
  shard: [object, 'an object'],
  endpoint: [object, 'an object'],
  dataset: [object, 'an object'],
  tokenizer: [object, 'an object'],
  clock: [object, 'an object'],
  host: [object, 'an object'],
  preflight: [optional(Array.isArray), 'a list of requests'],
  imported: [optional(object), 'an object'],
}

/** What is wrong with a parsed manifest, or undefined. */
export function manifestProblem(found: unknown): string | undefined {
  if (!object(found)) return 'it is not an object'
  const fields = found as Record<string, unknown>
  for (const [name, [check, expected]] of Object.entries(CHECKS))
    if (!check(fields[name]))
      return `${name} is ${JSON.stringify(fields[name]) ?? 'missing'}, expected ${expected}`
  return undefined
}
