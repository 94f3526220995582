import type { Step } from './load-steps.ts'
import { lastContentNs, REQUEST_METRICS, type Value } from './request-metrics.ts'
import type { Request } from './requests.ts'
import { ratio } from './statistics.ts'

/** The requests of the profiling phase. */
export type Population = {
  all: Request[]
  /** Those that succeeded. */
  ok: Request[]
  failed: Request[]
  steps: Step[]
  startedAtUnixNs: bigint
}

export const totalOf = (of: (request: Request) => Value, requests: Request[]): number =>
  requests.reduce((sum, request) => sum + (of(request) ?? 0), 0)

/** From the first send to the last content message, over successful requests; null where there is none. */
export function durationNs({ ok }: Population): Value {
  const first = firstSendNs(ok)
  const last = ok.reduce<Value>((most, r) => greater(most, lastContentNs(r)), null)
  return first === null || last === null ? null : last - first
}

const greater = (a: Value, b: Value): Value => (a === null ? b : b === null ? a : Math.max(a, b))
export const firstSendNs = (requests: Request[]): Value =>
  requests.reduce<Value>((least, { sentNs }) => {
    if (least === null || sentNs === null) return least ?? sentNs
    return Math.min(least, sentNs)
  }, null)

/** Per second of the benchmark's duration, rounded once. */
function perSecond(n: number, population: Population): Value {
  const ns = durationNs(population)
  return ns === null || ns === 0 ? null : ratio(BigInt(n) * 1_000_000_000n, BigInt(ns))
}

const osl = ({ outputTokens }: Request): Value => outputTokens
const isl = ({ inputTokens }: Request): Value => inputTokens
const reasoning = ({ reasoningTokens }: Request): Value => reasoningTokens
const requestValue =
  (metric: string) =>
  (request: Request): Value =>
    REQUEST_METRICS[metric]![1](request)

const output = requestValue('output_token_count')

/** More than 5 % off, or 50 tokens: the lesser limit counts. */
const hasLength = ({ outputTokens, asked }: Request): boolean =>
  outputTokens !== null && asked.requested_output_tokens !== null
const isLengthOff = ({ outputTokens, asked }: Request): boolean => {
  const wanted = asked.requested_output_tokens
  if (wanted === null || outputTokens === null) return false
  return Math.abs(outputTokens - wanted) * 20 > Math.min(wanted, 1000)
}

const DIFFERENCES = ['prompt', 'completion', 'reasoning'].map(
  kind => `usage_${kind}_tokens_diff_pct`,
)
const isComparable = (request: Request): boolean =>
  DIFFERENCES.some(metric => requestValue(metric)(request) !== null)
const differs = (request: Request): boolean =>
  DIFFERENCES.some(metric => (requestValue(metric)(request) ?? 0) > 10)

export type Session = { turns: Request[]; last: Request }

/** Sessions of which every request succeeded. */
export function wholeSessions({ all }: Population): Session[] {
  const ids = new Set(all.map(({ asked }) => asked.session_id).filter(id => id !== null))
  return [...ids].flatMap(id => {
    const turns = all.filter(({ asked }) => asked.session_id === id)
    turns.sort((a, b) => a.asked.turn - b.asked.turn)
    return turns.every(({ outcome }) => outcome === 'ok') ? [{ turns, last: turns.at(-1)! }] : []
  })
}

/** Wall clock, in the exact ns and then in seconds. */
const unixNs = (ns: Value, { startedAtUnixNs }: Population): Value =>
  ns === null ? null : Number(startedAtUnixNs + BigInt(ns))

const count = (outcome: string, { all }: Population): number =>
  all.filter(request => request.outcome === outcome).length

/** Every metric that a run has one value of, in its own unit; null: it has none. */
export const RUN_METRICS: Record<string, (population: Population) => Value> = {
  benchmark_duration: durationNs,
  min_request_timestamp: p => unixNs(firstSendNs(p.ok), p),
  max_response_timestamp: p =>
    unixNs(
      p.ok.reduce<Value>((most, r) => greater(most, lastContentNs(r)), null),
      p,
    ),
  request_count: p => p.ok.length,
  error_request_count: p => p.failed.length,
  cancelled_request_count: p => count('cancelled', p),
  completed_request_count: p => p.all.length - count('unfinished', p),
  failed_ratio: p => p.failed.length / p.all.length,
  request_error_rate: p => (100 * p.failed.length) / p.all.length,
  request_throughput: p => perSecond(p.ok.length, p),
  output_token_throughput: p => perSecond(totalOf(osl, p.ok), p),
  input_token_throughput: p => perSecond(totalOf(isl, p.ok), p),
  total_token_throughput: p => perSecond(totalOf(osl, p.ok) + totalOf(isl, p.ok), p),
  total_osl: p => knownTotal(osl, p.ok),
  total_isl: p => knownTotal(isl, p.ok),
  total_output_tokens: p => knownTotal(output, p.ok),
  total_reasoning_tokens: p => knownTotal(reasoning, p.ok),
  total_error_isl: p => knownTotal(isl, p.failed),
  overall_thinking_efficiency(p) {
    const [thought, said] = [totalOf(reasoning, p.ok), totalOf(output, p.ok)]
    return thought === 0 || said === 0 ? null : thought / said
  },
  overall_usage_prompt_cache_read_pct(p) {
    const telling = p.ok.filter(({ usage }) => (usage?.cached ?? null) !== null)
    const prompts = totalOf(requestValue('usage_prompt_tokens'), telling)
    const cached = totalOf(requestValue('usage_prompt_cache_read_tokens'), telling)
    return prompts === 0 ? null : (100 * cached) / prompts
  },
  ...usageTotals(),
  osl_mismatch_count: p => countAmong(hasLength, isLengthOff, p),
  usage_discrepancy_count: p => countAmong(isComparable, differs, p),
  session_count: p => (hasSessions(p) ? wholeSessions(p).length : null),
  session_throughput: p => (hasSessions(p) ? perSecond(wholeSessions(p).length, p) : null),
  max_concurrency: ({ steps }) =>
    Math.max(...steps.map(({ nPrefill, nDecode }) => nPrefill + nDecode)),
}

/** `total_usage_…` of every `usage_…` that is added up. */
function usageTotals(): Record<string, (population: Population) => Value> {
  const names = Object.keys(REQUEST_METRICS).filter(name => /^usage_.*(tokens|seconds)$/.test(name))
  return Object.fromEntries(
    names.map(name => [`total_${name}`, (p: Population) => totalIfAny(name, p)]),
  )
}

/** 0 of no requests; null where there are requests, and none of them tells. */
function knownTotal(of: (request: Request) => Value, requests: Request[]): Value {
  const isUnknown = requests.length > 0 && requests.every(request => of(request) === null)
  return isUnknown ? null : totalOf(of, requests)
}

/** How many successful requests are so, among those that can be; null where none can. */
function countAmong(
  canBe: (request: Request) => boolean,
  isSo: (request: Request) => boolean,
  { ok }: Population,
): Value {
  const among = ok.filter(canBe)
  return among.length === 0 ? null : among.filter(isSo).length
}

const hasSessions = ({ all }: Population): boolean =>
  all.some(({ asked }) => asked.session_id !== null)

/** The sum over successful requests; null where the server tells it of none. */
function totalIfAny(metric: string, { ok }: Population): Value {
  const values = ok.map(requestValue(metric)).filter(value => value !== null)
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0)
}
