import type { Tokenizer } from '../schemas/tokenizer.ts'
import type { Endpoint } from './endpoints/endpoint.ts'
import type { Session, Turn } from './workloads/workload.ts'

/** Longer answers are not tokenised, as in the analyzer: a tokenizer would need more memory than there is. Characters. */
const LONGEST_ANSWER = 1_000_000

/** Tokens of what has been said in a session: each turn and each answer is counted once; null where not known. */
export type Said = number | null

/** What has been said once a turn was answered. */
export function saidWith(
  said: Said,
  { inputTokens }: Turn,
  answer: string,
  tokenizer: Pick<Tokenizer, 'count'>,
): Said {
  if (said === null || inputTokens === null || answer.length > LONGEST_ANSWER) return null
  return said + inputTokens + tokenizer.count(answer)
}

/**
 * Input tokens of a prompt as it is sent, bare text: system prompt, what was said before, and the turn.
 *
 * @param said   of the session before this turn; 0 is nothing
 * @param first  whether it is the session's first turn: its system prompt has not been sent before
 */
export function promptTokens(
  { takes, repeatsHistory }: Pick<Endpoint, 'takes' | 'repeatsHistory'>,
  { systemTokens }: Pick<Session, 'systemTokens'>,
  turn: Turn,
  said: Said,
  first: boolean,
): { input_tokens: number | null; history_tokens: number | null } {
  const { inputTokens, messages, payload, texts } = turn
  if (inputTokens === null) return { input_tokens: null, history_tokens: null }
  if (payload) return { input_tokens: inputTokens, history_tokens: null }
  const hasSystem = takes === 'conversation' || takes === 'template'
  const system = hasSystem ? systemTokens : 0
  // A conversation that a file has whole: what of it is history the file alone knows.
  if (messages) {
    const isNew = first && messages.length < 2
    return { input_tokens: system + inputTokens, history_tokens: isNew ? 0 : null }
  }
  if (said === null) return { input_tokens: null, history_tokens: null }
  const times = repeatsHistory ? texts.length : 1
  const before = times * (system + said)
  return { input_tokens: before + inputTokens, history_tokens: first ? 0 : before }
}
