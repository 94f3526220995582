import { type Read, sseMessages } from './sse.ts'
import { type Statement, statementOf } from './statements.ts'
import type { EventRow } from './tape-rows.ts'
import { unpacked } from './unpacked.ts'
import type { Usage } from './usage.ts'

/** A statement of an answer, with the instant of the read that completed it. */
export type Timed = Statement & { atNs: number }

/** What came of one request, decoded. */
export type Answer = {
  /** An event stream, a whole JSON body, or neither. */
  framing: 'sse' | 'json' | 'neither'
  said: Timed[]
  /** Whether `[DONE]` came, or a whole JSON body. */
  isDone: boolean
  /** Whether it or a finish_reason came: servers send one without the other. */
  isWhole: boolean
  /** Whether the server said an error in it, or its bytes could not be unpacked. */
  hasError: boolean
  usage: Usage | null
}

/** Decodes the reads of a request. @param events  of this request alone, in their order */
export function answerOf(events: EventRow[]): Answer {
  const packed = events
    .filter(({ kind }) => kind === 'read')
    .map(({ at_ns, data }): Read => ({ atNs: at_ns, bytes: data }))
  const headers = headersOf(events)
  const hasEnd = events.some(({ kind }) => kind === 'end')
  let reads: Read[]
  try {
    reads = unpacked(packed, headers('content-encoding') || 'identity')
  } catch {
    return { ...NO_ANSWER, framing: 'sse', hasError: true }
  }
  const contentType = headers('content-type')
  if (contentType.includes('json')) return jsonAnswer(reads)
  if (contentType !== '' && !contentType.includes('event-stream')) return NO_ANSWER
  return streamedAnswer(reads, hasEnd)
}

const NO_ANSWER: Answer = {
  framing: 'neither',
  said: [],
  isDone: false,
  isWhole: false,
  hasError: false,
  usage: null,
}

/** The header of that name in small letters, as it came; '' where there is none. */
function headersOf(events: EventRow[]): (name: string) => string {
  const row = events.find(({ kind }) => kind === 'headers')
  const kept = row && row.data.length > 0 ? JSON.parse(row.data.toString()) : {}
  return name => String(kept[name] ?? '').toLowerCase()
}

function jsonAnswer(reads: Read[]): Answer {
  const last = reads.at(-1)
  const statement = statementOf(Buffer.concat(reads.map(({ bytes }) => bytes)).toString(), '')
  if (!statement || !last) return NO_ANSWER
  return {
    framing: 'json',
    said: [{ ...statement, atNs: last.atNs }],
    isDone: statement.hasChoices,
    isWhole: statement.hasChoices,
    hasError: statement.error,
    usage: statement.usage,
  }
}

function streamedAnswer(reads: Read[], hasEnd: boolean): Answer {
  const messages = sseMessages(reads, hasEnd)
  if (messages.length === 0 && reads.some(({ bytes }) => bytes.length > 0)) return NO_ANSWER
  const said = messages.flatMap(({ atNs, event, data }): Timed[] => {
    const statement = statementOf(data, event)
    return statement ? [{ ...statement, atNs }] : []
  })
  const isDone = messages.some(({ data }) => data.trim() === '[DONE]')
  return {
    framing: 'sse',
    said,
    isDone,
    isWhole: isDone || said.some(({ finish }) => finish),
    hasError: said.some(({ error }) => error),
    usage: usageOf(said),
  }
}

/**
 * The usage of a stream: the last one that was said. Where a server gives one for each choice, in messages of their
 * own (llama.cpp), their output adds up.
 */
function usageOf(said: Timed[]): Usage | null {
  const told = said.filter(({ usage }) => usage !== null)
  const last = told.at(-1)?.usage ?? null
  const nChoices = new Set(said.flatMap(({ parts }) => parts.map(({ choice }) => choice))).size
  const ofTheirOwn = told.filter(({ hasChoices }) => !hasChoices)
  if (!last || nChoices < 2 || ofTheirOwn.length < 2) return last
  const total = (key: keyof Usage): number | null =>
    ofTheirOwn.reduce<number | null>(
      (sum, { usage }) => (usage![key] === null ? sum : (sum ?? 0) + usage![key]),
      null,
    )
  return { ...last, completion: total('completion'), reasoning: total('reasoning') }
}
