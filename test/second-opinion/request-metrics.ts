import type { Content } from './contents.ts'
import type { Request } from './requests.ts'
import type { Usage } from './usage.ts'

/** A value of one request in the metric's own unit (ns for times); null: it has none. */
export type Value = number | null
type Metric = (request: Request) => Value

const span = (from: Value, to: Value): Value => (from === null || to === null ? null : to - from)
const over = (a: Value, b: Value): Value => (a === null || b === null || b === 0 ? null : a / b)
const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0)

/** The contents of each choice: gaps and tokens belong to a choice. */
export const choicesOf = ({ contents }: Request): Content[][] =>
  [...new Set(contents.map(({ choice }) => choice))].map(choice =>
    contents.filter(content => content.choice === choice),
  )

export type Gap = { atNs: number; ns: number; nTokens: number | null }

/** From each content message of a choice to the next of the same choice. */
export const gapsOf = (request: Request): Gap[] =>
  choicesOf(request).flatMap(own =>
    own.slice(1).map(({ atNs, nTokens }, i) => ({ atNs, ns: atNs - own[i]!.atNs, nTokens })),
  )

/**
 * From each token of a choice to the next, in whole ns: a message of n tokens gives n parts of the time since the
 * message before that ended a token, which add up to it. Those of the first have no gap before them. Uncounted, a
 * message is a token.
 */
export const tokenGapsOf = (request: Request): { ns: number }[] =>
  choicesOf(request).flatMap(own => {
    const holding = own.filter(({ nTokens }) => nTokens !== 0)
    return holding.slice(1).flatMap(({ atNs, nTokens }, i) => {
      const n = nTokens ?? 1
      const ns = atNs - holding[i]!.atNs
      return Array.from({ length: n }, (_, k) => ({
        ns: Math.floor(ns / n) + (k < ns % n ? 1 : 0),
      }))
    })
  })

export const firstContentNs = ({ contents }: Request): Value => contents[0]?.atNs ?? null
export const lastContentNs = ({ contents }: Request): Value => contents.at(-1)?.atNs ?? null
const firstOutputNs = ({ contents }: Request): Value =>
  contents.find(({ isReasoningOnly }) => !isReasoningOnly)?.atNs ?? null

type Written = { ns: number; nTokens: number }

/**
 * What follows the first token of each choice: tokens, and the time from its first content to its last. A choice of one
 * token adds nothing to either. Where tokens are not of our counting, all choices are said to have
 * more than one.
 */
function writtenOf(request: Request): Written | null {
  const { outputTokens, outputTokensFrom } = request
  const choices = choicesOf(request)
  if (outputTokens === null || choices.length === 0) return null
  const counted = choices.map(own => ({
    ns: own.at(-1)!.atNs - own[0]!.atNs,
    nTokens: sum(own.map(({ nTokens }) => nTokens ?? 0)) - 1,
  }))
  const written =
    outputTokensFrom !== 'client'
      ? { ns: sum(counted.map(({ ns }) => ns)), nTokens: outputTokens - choices.length }
      : added(counted.filter(({ nTokens }) => nTokens > 0))
  return written.nTokens > 0 ? written : null
}

const added = (parts: Written[]): Written => ({
  ns: sum(parts.map(({ ns }) => ns)),
  nTokens: sum(parts.map(({ nTokens }) => nTokens)),
})

const tokensAfterFirst = (request: Request): Value => writtenOf(request)?.nTokens ?? null

/** The time in which choices were written, each from its first content to its last. */
const writingNs = (request: Request): number =>
  sum(choicesOf(request).map(own => own.at(-1)!.atNs - own[0]!.atNs))

/** From the first content of each choice to the end of the answer. */
function untilEndNs(request: Request): Value {
  const { endNs } = request
  return endNs === null ? null : sum(choicesOf(request).map(own => endNs - own[0]!.atNs))
}

/** The choice that is first to have a second content. */
function earliestSecond(request: Request): Content[] | undefined {
  const withSecond = choicesOf(request).filter(own => own.length > 1)
  return withSecond.sort((a, b) => a[1]!.atNs - b[1]!.atNs)[0]
}

export const secondContentNs = (request: Request): Value =>
  earliestSecond(request)?.[1]?.atNs ?? null
const toSecondNs = (request: Request): Value =>
  span(earliestSecond(request)?.[0]?.atNs ?? null, secondContentNs(request))

/** Output tokens after those of the first message of each choice; null where that ended none, or was not counted. */
function tokensAfterFirstMessages(request: Request): Value {
  const { outputTokens, outputTokensFrom } = request
  const firsts = choicesOf(request).map(own => own[0]!.nTokens ?? 0)
  if (outputTokens === null || outputTokensFrom !== 'client' || firsts.includes(0)) return null
  const n = outputTokens - sum(firsts)
  return n > 0 ? n : null
}

/** A reader's 5 tokens per second. */
const READER_NS = 200_000_000

type Reading = { nLate: number; n: number; waitNs: number }

/** Readers who begin with the first content of a choice each: how many tokens after the first were late, and how long each waited. */
const readingsOf = (request: Request): Reading[] =>
  choicesOf(request).flatMap(own => {
    const arrivals = own.flatMap(({ atNs, nTokens }) => Array<number>(nTokens ?? 1).fill(atNs))
    if (arrivals.length < 2) return []
    let wantedNs = arrivals[0]!
    let nLate = 0
    let waitNs = 0
    for (const atNs of arrivals.slice(1)) {
      wantedNs += READER_NS
      if (atNs <= wantedNs) continue
      nLate++
      waitNs += atNs - wantedNs
      wantedNs = atNs
    }
    return [{ nLate, n: arrivals.length - 1, waitNs }]
  })

function fluidity(request: Request): Value {
  const readings = readingsOf(request)
  const late = over(sum(readings.map(({ nLate }) => nLate)), sum(readings.map(({ n }) => n)))
  return late === null ? null : 1 - late
}

const readerWait = (request: Request): Value =>
  readingsOf(request).reduce<Value>((most, { waitNs }) => Math.max(most ?? 0, waitNs), null)

/** The share of its writing that a choice stood still for longer than a reader takes for what then came. */
function stalledShare(request: Request): Value {
  const slow = gapsOf(request).filter(
    ({ ns, nTokens }) => ns > READER_NS * Math.max(1, nTokens ?? 1),
  )
  return over(sum(slow.map(({ ns }) => ns)), writingNs(request))
}

const perSecond = (n: Value, ns: Value): Value => over(n === null ? null : n * 1e9, ns)
const streamed =
  (metric: Metric): Metric =>
  request =>
    request.isStreamed ? metric(request) : null

const ttft = streamed(r => span(r.sentNs, firstContentNs(r)))
const latency: Metric = r => span(r.sentNs, lastContentNs(r))
const decode = streamed(r => span(firstContentNs(r), lastContentNs(r)))
const fullDecode = streamed(r => span(firstContentNs(r), r.endNs))
const itl = streamed(r => over(writtenOf(r)?.ns ?? null, tokensAfterFirst(r)))
const fullItl = streamed(r => over(untilEndNs(r), tokensAfterFirst(r)))
const output: Metric = r => span(r.reasoningTokens, r.outputTokens)
const openNs = (r: Request): Value => r.connectedNs ?? r.sentNs
const percentOff = (a: Value, b: Value): Value =>
  over(100 * ((a ?? 0) - (b ?? 0)), a === null ? null : b)
const difference = (usage: Value, client: Value): Value => {
  const percent = percentOff(usage, client)
  return percent === null ? null : Math.abs(percent)
}
const told =
  (name: keyof Usage): Metric =>
  ({ usage }) =>
    usage?.[name] ?? null
const promptTokens = told('prompt')
const completionTokens = told('completion')
const cachedTokens = told('cached')
const both = (a: Value, b: Value): Value => (a === null || b === null ? null : a + b)

/** Every metric that a successful request has one value of: its column in `request_metrics`, and the value. */
export const REQUEST_METRICS: Record<string, [column: string, value: Metric]> = {
  time_to_first_token: ['ttft_ms', ttft],
  time_to_first_output_token: ['ttfo_ms', streamed(r => span(r.sentNs, firstOutputNs(r)))],
  time_to_second_token: ['ttst_ms', streamed(toSecondNs)],
  request_latency: ['latency_ms', latency],
  full_response_latency: ['full_latency_ms', r => span(r.sentNs, r.endNs)],
  scheduled_time_to_first_token: [
    'scheduled_ttft_ms',
    streamed(r => span(r.scheduledNs, firstContentNs(r))),
  ],
  scheduled_request_latency: ['scheduled_latency_ms', r => span(r.scheduledNs, lastContentNs(r))],
  effective_latency: ['effective_latency_ms', r => span(r.scheduledNs ?? r.dequeuedNs, r.endNs)],
  send_lateness: [
    'send_lateness_ms',
    r => (r.scheduledNs === null ? null : Math.max(0, span(r.scheduledNs, r.sentNs) ?? 0)),
  ],
  inter_token_latency: ['itl_ms', itl],
  decode_duration: ['decode_ms', decode],
  full_decode_duration: ['full_decode_ms', fullDecode],
  full_response_inter_token_latency: ['full_itl_ms', fullItl],
  inter_token_latency_without_first_chunk: [
    'itl_without_first_chunk_ms',
    streamed(r => over(writingNs(r), tokensAfterFirstMessages(r))),
  ],
  max_gap: [
    'max_gap_ms',
    streamed(r => gapsOf(r).reduce<Value>((most, { ns }) => Math.max(most ?? 0, ns), null)),
  ],
  stalled_share: ['stalled_ratio', streamed(stalledShare)],
  fluidity: ['fluidity_ratio', streamed(fluidity)],
  reader_wait: ['reader_wait_ms', streamed(readerWait)],
  output_token_throughput_per_user: ['tps', r => over(1e9, itl(r))],
  e2e_output_token_throughput: ['e2e_tps', r => perSecond(r.outputTokens, latency(r))],
  prefill_throughput_per_user: ['prefill_tps', r => perSecond(r.inputTokens, ttft(r))],
  full_response_output_token_throughput_per_user: ['full_tps', r => over(1e9, fullItl(r))],
  output_sequence_length: ['osl_tokens', r => r.outputTokens],
  output_token_count: ['output_tokens', output],
  reasoning_token_count: ['reasoning_tokens', r => r.reasoningTokens],
  thinking_efficiency: ['thinking_ratio', r => over(r.reasoningTokens || null, output(r))],
  osl_mismatch_diff_pct: [
    'osl_mismatch_pct',
    r => percentOff(r.outputTokens, r.asked.requested_output_tokens),
  ],
  input_sequence_length: ['isl_tokens', r => r.inputTokens],
  usage_prompt_tokens: ['usage_prompt_tokens', promptTokens],
  usage_completion_tokens: ['usage_completion_tokens', completionTokens],
  usage_total_tokens: ['usage_total_tokens', r => both(promptTokens(r), completionTokens(r))],
  usage_reasoning_tokens: ['usage_reasoning_tokens', told('reasoning')],
  usage_prompt_cache_read_tokens: ['usage_cached_tokens', cachedTokens],
  usage_prompt_cache_miss_tokens: [
    'usage_uncached_tokens',
    r => span(cachedTokens(r), promptTokens(r)),
  ],
  usage_prompt_cache_write_tokens: ['usage_cache_write_tokens', told('cacheWrite')],
  usage_prompt_audio_tokens: ['usage_prompt_audio_tokens', told('promptAudio')],
  usage_prompt_audio_seconds: ['usage_prompt_audio_ms', told('promptAudioNs')],
  usage_completion_audio_tokens: ['usage_completion_audio_tokens', told('completionAudio')],
  usage_tool_use_prompt_tokens: ['usage_tool_use_prompt_tokens', told('toolUse')],
  usage_accepted_prediction_tokens: ['usage_accepted_prediction_tokens', told('accepted')],
  usage_rejected_prediction_tokens: ['usage_rejected_prediction_tokens', told('rejected')],
  usage_server_tool_requests: ['usage_server_tool_requests', told('serverTools')],
  usage_prompt_tokens_diff_pct: [
    'usage_prompt_diff_pct',
    r => difference(promptTokens(r), r.asked.input_tokens),
  ],
  usage_completion_tokens_diff_pct: [
    'usage_completion_diff_pct',
    r => difference(completionTokens(r), r.clientOutputTokens),
  ],
  usage_reasoning_tokens_diff_pct: [
    'usage_reasoning_diff_pct',
    r => difference(r.usage?.reasoning ?? null, r.clientReasoningTokens),
  ],
  client_time_to_send: ['client_send_ms', r => span(r.sentNs, r.bodySentNs)],
  stream_setup_latency: ['setup_ms', streamed(r => span(r.sentNs, r.headersNs))],
  headers_to_first_token: [
    'headers_to_ttft_ms',
    streamed(r => span(r.headersNs, firstContentNs(r))),
  ],
  http_req_connecting: ['connect_ms', r => span(r.sentNs, r.connectedNs)],
  http_req_connection_overhead: [
    'connection_overhead_ms',
    r => span(r.sentNs, r.connectedNs ?? r.sentNs),
  ],
  http_req_connection_reused: ['connection_reused', r => (r.connectedNs === null ? 1 : 0)],
  http_req_sending: ['sending_ms', r => span(openNs(r), r.bodySentNs)],
  http_req_waiting: ['headers_wait_ms', r => span(r.bodySentNs ?? openNs(r), r.headersNs)],
  http_req_receiving: ['receiving_ms', r => span(r.headersNs, r.endNs)],
  http_req_duration: ['http_duration_ms', r => span(openNs(r), r.endNs)],
  http_req_total: ['http_total_ms', r => span(r.sentNs, r.endNs)],
  http_req_data_sent: ['sent_bytes', r => r.asked.body_bytes],
  http_req_data_received: ['received_bytes', r => r.answerBytes],
  http_req_chunks_received: ['received_reads', r => r.nReads],
  content_messages: ['content_messages', r => r.contents.length],
}
