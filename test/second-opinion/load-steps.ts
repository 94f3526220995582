import { firstContentNs, lastContentNs, type Value } from './request-metrics.ts'
import type { Request } from './requests.ts'

/** A time between two instants at which a request was sent, had its first content or ended: what was under way. */
export type Step = {
  atNs: number
  lastedNs: number
  nPrefill: number
  nDecode: number
  tokens: number
  /** Whole billionths of tokens per second, of streamed answers that succeeded; of a run without any there are none. */
  prefillRate: bigint | null
  decodeRate: bigint | null
}

type Spell = {
  sentNs: number
  /** When its first content came, or its end where none did. */
  turnNs: number
  endNs: number
  inputTokens: number
  outputTokens: number
  /** Whether it tells the phases apart. */
  tells: boolean
  prefillRate: bigint
  decodeRate: bigint
}

/** The steps of a run, from its first send to its last end. @param requests  of the profiling phase */
export function loadSteps(requests: Request[]): Step[] {
  const spells = requests.flatMap(spellOf)
  const tells = spells.some(spell => spell.tells)
  const instants = [
    ...new Set(spells.flatMap(({ sentNs, turnNs, endNs }) => [sentNs, turnNs, endNs])),
  ]
  instants.sort((a, b) => a - b)
  return instants.slice(0, -1).map((atNs, i) => {
    const under = spells.filter(({ sentNs, endNs }) => sentNs <= atNs && atNs < endNs)
    const prefill = under.filter(({ turnNs }) => atNs < turnNs)
    const decode = under.filter(({ turnNs }) => atNs >= turnNs)
    const inputTokens = sum(under.map(spell => spell.inputTokens))
    return {
      atNs,
      lastedNs: instants[i + 1]! - atNs,
      nPrefill: prefill.length,
      nDecode: decode.length,
      tokens: inputTokens + sum(decode.map(spell => spell.outputTokens)),
      prefillRate: tells ? prefill.reduce((rate, spell) => rate + spell.prefillRate, 0n) : null,
      decodeRate: tells ? decode.reduce((rate, spell) => rate + spell.decodeRate, 0n) : null,
    }
  })
}

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0)

/** When a request was over; one without an end on the tape is, with its last content, as far as that tells. */
export const overNs = (request: Request): Value => request.endNs ?? lastContentNs(request)

function spellOf(request: Request): Spell[] {
  const { sentNs, inputTokens, outputTokens, outcome, isStreamed } = request
  const endNs = overNs(request)
  if (sentNs === null || endNs === null) return []
  const turnNs = firstContentNs(request)
  const tells = outcome === 'ok' && isStreamed && turnNs !== null
  return [
    {
      sentNs,
      turnNs: turnNs ?? endNs,
      endNs,
      inputTokens: inputTokens ?? 0,
      outputTokens: outputTokens ?? 0,
      tells,
      prefillRate: tells ? billionths(inputTokens, turnNs - sentNs) : 0n,
      decodeRate: tells ? billionths(Math.max(0, (outputTokens ?? 0) - 1), endNs - turnNs) : 0n,
    },
  ]
}

/** Tokens per second in whole billionths: what is less than one is left. */
function billionths(tokens: number | null, ns: number): bigint {
  if (tokens === null || ns <= 0) return 0n
  return (BigInt(tokens) * 10n ** 18n) / BigInt(ns)
}

const perSecond = (rate: bigint | null): Value => (rate === null ? null : Number(rate) / 1e9)
const perUser = (rate: bigint | null, n: number): Value => {
  if (rate === null) return null
  return n === 0 ? 0 : perSecond(rate)! / n
}

type OfTime = [value: (step: Step) => Value, during?: (step: Step) => boolean]
const inPrefill = ({ nPrefill }: Step): boolean => nPrefill > 0
const inDecode = ({ nDecode }: Step): boolean => nDecode > 0

const prefill = ({ prefillRate }: Step): Value => perSecond(prefillRate)
const decode = ({ decodeRate }: Step): Value => perSecond(decodeRate)
const total = (step: Step): Value => {
  const [read, written] = [prefill(step), decode(step)]
  return read === null || written === null ? null : read + written
}
const prefillPerUser = ({ prefillRate, nPrefill }: Step): Value => perUser(prefillRate, nPrefill)
const decodePerUser = ({ decodeRate, nDecode }: Step): Value => perUser(decodeRate, nDecode)

/** Metrics of what was under way: the value of a step, and which steps count. */
export const TIME_METRICS: Record<string, OfTime> = {
  effective_concurrency: [({ nPrefill, nDecode }) => nPrefill + nDecode],
  effective_prefill_concurrency: [({ nPrefill }) => nPrefill],
  effective_decode_concurrency: [({ nDecode }) => nDecode],
  tokens_in_flight: [({ tokens }) => tokens],
  effective_prefill_throughput: [prefill],
  effective_decode_throughput: [decode],
  effective_total_throughput: [total],
  effective_prefill_throughput_per_user: [prefillPerUser],
  effective_decode_throughput_per_user: [decodePerUser],
  active_prefill_throughput: [prefill, inPrefill],
  active_decode_throughput: [decode, inDecode],
  active_total_throughput: [total, step => inPrefill(step) || inDecode(step)],
  active_prefill_throughput_per_user: [prefillPerUser, inPrefill],
  active_decode_throughput_per_user: [decodePerUser, inDecode],
}
