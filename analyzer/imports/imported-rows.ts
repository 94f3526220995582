import { EVENTS, type EventKind, REQUESTS, type RowOf, type Table } from '../../schemas/tables.ts'
import { FRAMINGS, MESSAGE_KINDS, MESSAGES, type MessageKind } from '../decode/messages-table.ts'
import type { ImportedRequest } from './importer.ts'
import type { RowLog } from './row-log.ts'

/**
 * The columns of a tape that an import can fill. The others are NULL, and so is an instant that is not
 * known: that something happened may be known without it.
 */
export const IMPORTED = {
  events: {
    request_id: EVENTS.request_id,
    kind: EVENTS.kind,
    at_ns: ['int64?', 'ns', ''],
    status: EVENTS.status,
    data: EVENTS.data,
  },
  requests: {
    request_id: REQUESTS.request_id,
    lane: REQUESTS.lane,
    phase: REQUESTS.phase,
    session_id: REQUESTS.session_id,
    turn: REQUESTS.turn,
    input_tokens: REQUESTS.input_tokens,
    model: ['text?', '', ''],
  },
  messages: {
    ...MESSAGES,
    read_seq: ['uint32?', '', ''],
    messages_in_read: ['uint32?', '', ''],
    at_ns: ['int64?', 'ns', ''],
  },
} as const satisfies Record<string, Table>

export type Logs = { [T in keyof typeof IMPORTED]: RowLog<(typeof IMPORTED)[T]> }

/** Writes one request of another tool as rows of a tape. */
export function addRequest(id: number, request: ImportedRequest, logs: Logs): void {
  logs.requests.add({
    request_id: id,
    lane: 0,
    phase: request.phase,
    session_id: request.session,
    turn: request.turn,
    input_tokens: request.inputTokens,
    model: request.model,
  })
  for (const event of eventsOf(request)) logs.events.add({ request_id: id, ...event })
  let index = 0
  for (const message of messagesOf(request))
    logs.messages.add({ ...NO_MESSAGE, request_id: id, message_index: index++, ...message })
}

type Event = Omit<RowOf<(typeof IMPORTED)['events']>, 'request_id'>

function eventsOf(request: ImportedRequest): Event[] {
  const { scheduledNs, dequeuedNs, sentNs, headersNs, endNs, status, failure } = request
  const event = (kind: EventKind, at_ns: number | null, data = ''): Event => ({
    kind,
    at_ns,
    status: kind === 'headers' || kind === 'end' || kind === 'error' ? (status ?? 0) : 0,
    data: Buffer.from(data),
  })
  return [
    ...(scheduledNs === null ? [] : [event('scheduled', scheduledNs)]),
    ...(dequeuedNs === null ? [] : [event('dequeued', dequeuedNs)]),
    event('sent', sentNs),
    ...(headersNs === null ? [] : [event('headers', headersNs)]),
    failure ? event('error', endNs, JSON.stringify(failure)) : event('end', endNs),
  ]
}

type Message = Omit<RowOf<(typeof IMPORTED)['messages']>, 'request_id' | 'message_index'>

const kindCode = (kind: MessageKind): number => MESSAGE_KINDS.indexOf(kind)

const NO_MESSAGE: Message = {
  ...(Object.fromEntries(Object.keys(MESSAGES).map(name => [name, null])) as unknown as Message),
  framing: 0,
  kind: 0,
}

/** Content, then the counts, then the end: `done` says no more than that the tool found the answer whole. */
function* messagesOf(request: ImportedRequest): Generator<Partial<Message>> {
  const { content, streamed, endNs, status, failure, outputTokens, usage } = request
  const framing = FRAMINGS.indexOf(streamed ? 'sse' : 'json')
  let lastNs: number | null = null
  for (const [content_index, { atNs, kind }] of content.entries()) {
    yield {
      framing,
      kind: kindCode(kind),
      at_ns: atNs,
      choice: 0,
      content_index,
      gap_ns: atNs !== null && lastNs !== null ? atNs - lastNs : null,
    }
    lastNs = atNs
  }
  if (outputTokens !== null || Object.values(usage).some(count => (count ?? null) !== null))
    yield {
      framing,
      kind: kindCode('usage'),
      at_ns: endNs,
      tokens: outputTokens,
      prompt_tokens: usage.prompt ?? null,
      completion_tokens: usage.completion ?? null,
      reasoning_tokens: usage.reasoning ?? null,
      cached_tokens: usage.cached ?? null,
    }
  // What was said with an HTTP status is read from the answer.
  if (failure && status !== null && failure.detail !== '')
    yield { framing, kind: kindCode('error'), at_ns: endNs, error: failure.detail }
  if (!failure) yield { framing, kind: kindCode('done'), at_ns: endNs }
}
