import { type Answer, answerOf } from './answer.ts'
import { type Content, contentsOf, type TokenEnds } from './contents.ts'
import type { EventRow, RequestRow, TapeRows } from './tape-rows.ts'
import type { Usage } from './usage.ts'

export type Outcome =
  | 'ok'
  | 'http_error'
  | 'timeout'
  | 'connect_error'
  | 'broken_stream'
  | 'stream_error'
  | 'not_a_stream'
  | 'cancelled'
  | 'unfinished'

/** One request: what happened to it, ns since the run's zero, and what it gave. null: it did not happen, or is not known. */
export type Request = {
  id: number
  asked: RequestRow
  outcome: Outcome
  status: number | null
  isStreamed: boolean
  scheduledNs: number | null
  dequeuedNs: number | null
  sentNs: number | null
  connectedNs: number | null
  bodySentNs: number | null
  headersNs: number | null
  endNs: number | null
  contents: Content[]
  usage: Usage | null
  inputTokens: number | null
  /** Where nobody counted them, a content message is one. */
  outputTokens: number | null
  outputTokensFrom: TokenSource | null
  /** Those of them that are reasoning. */
  reasoningTokens: number | null
  /** Counted by the run's tokenizer, whatever `outputTokens` are from. */
  clientOutputTokens: number | null
  clientReasoningTokens: number | null
  nReads: number
  answerBytes: number
}

/** Whose counts come first. */
export type TokenSource = 'client' | 'server'

/** Derives every request of a tape, in the order of their ids. @param tokenEnds  null: no tokenizer is at hand */
export function requestsOf(
  { run, events, requests }: TapeRows,
  tokenEnds: TokenEnds | null,
  source: TokenSource = 'client',
): Request[] {
  const byId = new Map<number, EventRow[]>()
  for (const event of events) {
    const own = byId.get(event.request_id)
    if (own) own.push(event)
    else byId.set(event.request_id, [event])
  }
  // The texts of a tape without texts are blanked: nothing is there to count.
  const ends = run.keep === 'raw' ? tokenEnds : null
  return requests.map(asked =>
    requestOf(asked, byId.get(asked.request_id) ?? [], run.endpoint.streaming, ends, source),
  )
}

function requestOf(
  asked: RequestRow,
  events: EventRow[],
  isStreamAsked: boolean,
  tokenEnds: TokenEnds | null,
  source: TokenSource,
): Request {
  const answer = answerOf(events)
  const { list, nTokens, nReasoningTokens } = contentsOf(answer.said, tokenEnds)
  const first = (...kinds: string[]): EventRow | undefined =>
    events.find(({ kind }) => kinds.includes(kind))
  const last = (kind: string): EventRow | undefined =>
    events.filter(event => event.kind === kind).at(-1)
  const reads = events.filter(({ kind }) => kind === 'read')
  const { usage } = answer
  const counts = {
    client: [nTokens, nReasoningTokens],
    server: [usage?.completion ?? null, usage?.reasoning ?? null],
  } as const
  const sources =
    source === 'client' ? (['client', 'server'] as const) : (['server', 'client'] as const)
  const outputTokensFrom = sources.find(name => counts[name][0] !== null) ?? null
  const [outputTokens, reasoningTokens] = outputTokensFrom ? counts[outputTokensFrom] : [null, null]
  const input = [asked.input_tokens, usage?.prompt ?? null]
  if (source === 'server') input.reverse()
  return {
    id: asked.request_id,
    asked,
    outcome: outcomeOf(events, answer, isStreamAsked),
    status: first('headers')?.status ?? null,
    isStreamed: answer.framing === 'sse',
    scheduledNs: first('scheduled')?.at_ns ?? null,
    dequeuedNs: first('dequeued')?.at_ns ?? null,
    sentNs: first('sent')?.at_ns ?? null,
    connectedNs: last('connect')?.at_ns ?? null,
    bodySentNs: last('body_sent')?.at_ns ?? null,
    headersNs: first('headers')?.at_ns ?? null,
    endNs: (first('end', 'error') ?? first('cancel'))?.at_ns ?? null,
    contents: list,
    usage,
    inputTokens: input[0] ?? input[1] ?? null,
    outputTokens: outputTokens ?? (list.length > 0 ? list.length : null),
    outputTokensFrom,
    reasoningTokens: outputTokens === null ? null : (reasoningTokens ?? 0),
    clientOutputTokens: nTokens,
    clientReasoningTokens: nReasoningTokens,
    nReads: reads.length,
    answerBytes: reads.reduce((sum, { n_bytes }) => sum + n_bytes, 0),
  }
}

const TRANSPORT: Record<string, Outcome> = {
  timeout: 'timeout',
  connect_error: 'connect_error',
  dns_error: 'connect_error',
  tls_error: 'connect_error',
  broken_stream: 'broken_stream',
  client_error: 'broken_stream',
}

/** How a request ended: what the client did, then what HTTP said, then what the answer holds. */
function outcomeOf(events: EventRow[], answer: Answer, isStreamAsked: boolean): Outcome {
  const error = events.find(({ kind }) => kind === 'error')
  const code = error ? JSON.parse(error.data.toString()).code : null
  const isCancelled = code === 'cancelled' || events.some(({ kind }) => kind === 'cancel')
  const status = events.find(({ kind }) => kind === 'headers')?.status
  const isEnded = events.some(({ kind }) => kind === 'end')
  if (isCancelled) return 'cancelled'
  if (!error && !isEnded) return 'unfinished'
  if (status !== undefined && (status < 200 || status > 299)) return 'http_error'
  if (answer.hasError) return 'stream_error'
  // A connection that breaks after [DONE] has harmed nothing.
  if (error && !answer.isDone) return TRANSPORT[code] ?? 'broken_stream'
  const framing = isStreamAsked ? 'sse' : 'json'
  if (answer.framing !== framing) return 'not_a_stream'
  if (answer.isWhole) return 'ok'
  return isStreamAsked ? 'broken_stream' : 'not_a_stream'
}
