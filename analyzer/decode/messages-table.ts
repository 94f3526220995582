import type { Table } from '../../schemas/tables.ts'

/** What a message is. The position is the code in the temporary log. */
export const MESSAGE_KINDS = [
  'role',
  'text',
  'reasoning',
  'tool',
  'finish',
  'usage',
  'done',
  'ping',
  'error',
  'other',
  'result',
  'audio',
] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** How an answer's body is framed: events, one JSON document, or neither. */
export const FRAMINGS = ['sse', 'json', 'body'] as const
export type Framing = (typeof FRAMINGS)[number]

/**
 * Keys under which the first choice of an OpenAI message holds something. `empty`: its `content` is empty and it has no
 * role, as of a token without text. `text` is that of a completion, empty or not; `none`: content under a key that is none of these. The position is the code in the log.
 */
export const DELTA_KEYS = [
  ...(['content', 'reasoning', 'tool_calls', 'function_call'] as const),
  ...(['empty', 'reasoning_content', 'refusal', 'text', 'none'] as const),
] as const
export type DeltaKey = (typeof DELTA_KEYS)[number]

/** Raised when decoding changes, so that tapes are decoded again. */
export const MESSAGES_VERSION = 3

/** Decoded messages, as they are written to `derived/`. What each column means stands in messages.sql. */
export const MESSAGES = {
  request_id: ['uint32', '', ''],
  message_index: ['uint32', '', ''],
  read_seq: ['uint32', '', ''],
  messages_in_read: ['uint32', '', ''],
  at_ns: ['int64', 'ns', ''],
  framing: ['uint32', '', ''],
  kind: ['uint32', '', ''],
  choice: ['uint32?', '', ''],
  delta_key: ['uint32?', '', ''],
  content_index: ['uint32?', '', ''],
  gap_ns: ['int64?', 'ns', ''],
  text: ['text?', '', ''],
  other_text: ['text?', '', ''],
  text_bytes: ['uint32?', 'bytes', ''],
  tokens: ['uint32?', 'tokens', ''],
  prompt_tokens: ['uint32?', 'tokens', ''],
  completion_tokens: ['uint32?', 'tokens', ''],
  reasoning_tokens: ['uint32?', 'tokens', ''],
  cached_tokens: ['uint32?', 'tokens', ''],
  finish_reason: ['text?', '', ''],
  error: ['text?', '', ''],
  undecoded: ['text?', '', ''],
  cache_write_tokens: ['int64?', 'tokens', ''],
  prompt_audio_tokens: ['int64?', 'tokens', ''],
  prompt_audio_ms: ['int64?', 'ms', ''],
  tool_use_prompt_tokens: ['int64?', 'tokens', ''],
  completion_audio_tokens: ['int64?', 'tokens', ''],
  accepted_prediction_tokens: ['int64?', 'tokens', ''],
  rejected_prediction_tokens: ['int64?', 'tokens', ''],
  server_tool_requests: ['int64?', '', ''],
  other_choices: ['text?', '', ''],
  client_reasoning_tokens: ['uint32?', 'tokens', ''],
} as const satisfies Table

const named = (column: string, names: readonly string[]): string =>
  `[${names.map(name => `'${name}'`).join(', ')}][${column} + 1] as ${column}`

const CODES: Record<string, readonly string[]> = {
  kind: MESSAGE_KINDS,
  framing: FRAMINGS,
  delta_key: DELTA_KEYS,
}

/** The columns of the temporary log as they are stored: codes become names. */
export const STORED_COLUMNS = Object.keys(MESSAGES)
  .map(name => (CODES[name] ? named(name, CODES[name]) : name))
  .join(', ')
