import type { Row, RowTurn } from '../workloads/row-reader.ts'
import { tokensOfMessages, tokensOfPayload, tokensOfTexts } from '../workloads/token-count.ts'

/** One request of a trace, whatever the file. */
export type TraceRow = {
  /** When it is due, whole ns since the trace's own zero; null for one that waits for an answer. */
  dueNs: number | null
  /** Wait after the answer before it, ms. */
  delayMs: number
  /** Requests that share it are one session; null is a session of its own. */
  sessionId: string | null
  /** Tokens; null where nothing says or counts them. */
  inputTokens: number | null
  outputTokens: number | null
  /** Ids of the prompt's blocks; null without. */
  hashIds: number[] | null
  /** What else it has of a Mooncake row: text_input, messages, payload, extra. */
  rest: Record<string, unknown>
  /** The prompt holds the history of its session already. */
  isWhole: boolean
  /** A system prompt, which a Mooncake row has no place for. */
  system: string | null
}

/** Whether its prompt is given, so that its length cannot be chosen. */
export const hasText = ({ rest }: TraceRow): boolean =>
  'text_input' in rest || 'messages' in rest || 'payload' in rest

/** Counts tokens; null where that is not asked for, since it takes long. */
export type Count = ((text: string) => number) | null

/** The requests of a row, in order. */
export const traceRowsOf = (row: Row, count: { prompts: Count; answers: Count }): TraceRow[] =>
  row.turns.map(turn => {
    const { inputTokens, rest } = promptOf(turn, count.prompts)
    const extra = turn.extra ?? {}
    return {
      dueNs: turn.timestampMs == null ? null : Math.round(turn.timestampMs * 1e6),
      delayMs: turn.delayMs ?? 0,
      sessionId: row.sessionId,
      inputTokens,
      outputTokens:
        turn.outputTokens ??
        (turn.answer === undefined || !count.answers
          ? null
          : Math.max(1, count.answers(turn.answer))),
      hashIds: turn.made?.hashIds ?? null,
      rest: Object.keys(extra).length === 0 ? rest : { ...rest, extra },
      isWhole: turn.made?.isWhole === true,
      system: row.system,
    }
  })

function promptOf(
  { made, payload, messages, texts = [] }: RowTurn,
  count: Count,
): Pick<TraceRow, 'inputTokens' | 'rest'> {
  if (made) return { inputTokens: made.tokens, rest: {} }
  const counter = count && { count }
  if (payload)
    return { inputTokens: counter && tokensOfPayload(payload, counter), rest: { payload } }
  if (messages)
    return { inputTokens: counter && tokensOfMessages(messages, counter), rest: { messages } }
  const inputTokens = counter && tokensOfTexts(texts, counter)
  if (texts.length === 1) return { inputTokens, rest: { text_input: texts[0] } }
  const spoken = texts.map(content => ({ role: 'user', content }))
  return { inputTokens, rest: { messages: spoken, message_mode: 'delta' } }
}
