import { overNs, type Step } from './load-steps.ts'
import { firstContentNs, type Value } from './request-metrics.ts'
import type { Request } from './requests.ts'
import { firstSendNs, type Population } from './run-metrics.ts'
import { ratio } from './statistics.ts'

/** A slice of time from the run's first send, half open. */
export type Slice = {
  fromNs: number
  toNs: number
  /** How much of it the run fills. */
  filledNs: number
  nStarted: number
  nSucceeded: number
  nFailed: number
  /** Output tokens of successful requests that arrived in it. */
  nTokens: number
  /** Whether all of them were counted by us. */
  areCounted: boolean
  /** Means over what the run fills of it, by name. */
  load: Record<string, Value>
}

/** Cuts a run, from its first send to the last end of what was sent, into slices. Tokens stand where their messages came, requests where they were sent and where they ended. */
export function slicesOf(population: Population, widthNs: number): Slice[] {
  const { all, ok, failed } = population
  const firstNs = firstSendNs(all)
  const sent = all.filter(({ sentNs }) => sentNs !== null)
  const endNs = Math.max(...sent.map(request => overNs(request) ?? Number.NEGATIVE_INFINITY))
  if (firstNs === null || !Number.isFinite(endNs)) return []
  const n = Math.floor((endNs - firstNs) / widthNs) + 1
  return Array.from({ length: n }, (_, i) => {
    const fromNs = firstNs + i * widthNs
    const toNs = fromNs + widthNs
    const isIn = (atNs: Value): boolean => atNs !== null && fromNs <= atNs && atNs < toNs
    const filledNs = Math.min(toNs, endNs) - fromNs
    return {
      fromNs,
      toNs,
      filledNs,
      nStarted: all.filter(({ sentNs }) => isIn(sentNs)).length,
      nSucceeded: ok.filter(request => isIn(overNs(request))).length,
      nFailed: failed.filter(request => request.sentNs !== null && isIn(overNs(request))).length,
      nTokens: ok.reduce((sum, request) => sum + tokensIn(request, isIn), 0),
      areCounted: ok.every(({ outputTokensFrom }) => outputTokensFrom === 'client'),
      load: loadOf(population, fromNs, toNs, filledNs),
    }
  })
}

/** Tokens of a request that arrived then; where we did not count them, its content messages share them. */
function tokensIn(request: Request, isIn: (atNs: Value) => boolean): number {
  const { contents, outputTokens, outputTokensFrom } = request
  const arrived = contents.filter(({ atNs }) => isIn(atNs))
  if (outputTokensFrom === 'client')
    return arrived.reduce((sum, { nTokens }) => sum + (nTokens ?? 0), 0)
  return arrived.length === 0 ? 0 : ((outputTokens ?? 0) * arrived.length) / contents.length
}

const LOADS: Record<string, (step: Step) => number> = {
  concurrency: ({ nPrefill, nDecode }) => nPrefill + nDecode,
  prefillConcurrency: ({ nPrefill }) => nPrefill,
  decodeConcurrency: ({ nDecode }) => nDecode,
  tokensInFlight: ({ tokens }) => tokens,
}

function loadOf(
  { ok, steps }: Population,
  fromNs: number,
  toNs: number,
  filledNs: number,
): Record<string, Value> {
  const within = (beginNs: number, endNs: number): bigint =>
    BigInt(Math.max(0, Math.min(endNs, toNs) - Math.max(beginNs, fromNs)))
  const mean = (area: bigint): Value => (filledNs === 0 ? null : ratio(area, BigInt(filledNs)))
  const means = Object.entries(LOADS).map(([name, value]) => {
    const areas = steps.map(
      step => BigInt(value(step)) * within(step.atNs, step.atNs + step.lastedNs),
    )
    return [name, mean(areas.reduce((sum, area) => sum + area, 0n))]
  })
  return { ...Object.fromEntries(means), prefillThroughput: inputRate(ok, within, filledNs) }
}

/** Input tokens per second: a request's are read evenly from its send to its first content, and added in the order of sends. */
function inputRate(
  ok: Request[],
  within: (beginNs: number, endNs: number) => bigint,
  filledNs: number,
): Value {
  const shares = ok.flatMap(request => {
    const { sentNs, inputTokens, isStreamed } = request
    const firstNs = firstContentNs(request)
    if (!isStreamed || sentNs === null || firstNs === null || firstNs <= sentNs) return []
    const parts = (inputTokens ?? 0) * 1e9 * Number(within(sentNs, firstNs))
    return [{ sentNs, share: parts / (firstNs - sentNs) }]
  })
  shares.sort((a, b) => a.sentNs - b.sentNs)
  const sum = shares.reduce((sum, { share }) => sum + share, 0)
  return filledNs === 0 ? null : sum / filledNs
}
