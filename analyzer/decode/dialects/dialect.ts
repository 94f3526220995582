import type { MessageKind } from '../messages-table.ts'

/**
 * A piece of what the model said. Of audio it is the transcript. A result is what it computed in place of saying
 * something: its text is empty.
 */
export type Part = {
  channel: 'text' | 'reasoning' | 'tool' | 'result' | 'audio'
  choice: number
  text: string
}

/** Token counts as the server gave them. */
export type Usage = {
  prompt_tokens?: number
  completion_tokens?: number
  reasoning_tokens?: number
  cached_tokens?: number
  cache_write_tokens?: number
  prompt_audio_tokens?: number
  prompt_audio_ms?: number
  tool_use_prompt_tokens?: number
  completion_audio_tokens?: number
  accepted_prediction_tokens?: number
  rejected_prediction_tokens?: number
  server_tool_requests?: number
}

/** All that one message says. Its kind is the most significant thing in it. */
export type Facts = {
  kind: MessageKind
  parts: Part[]
  choice?: number
  finishReason?: string
  usage?: Usage
  error?: string
  /** The beginning of a message that is not JSON, or only a string. */
  undecoded?: string
}

/**
 * How the messages of one API read: of its stream and its whole answers. Undefined for a message
 * that is not of this API.
 *
 * Told apart by keys and by values of `type` and `object` alone: `--keep timing` leaves no others.
 *
 * @param type  the `type` within the data, or the name of the event
 */
export type Dialect = (json: Json, type: string) => Facts | undefined

export type Json = Record<string, unknown>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32

export const objectOf = (value: unknown): Json => (isObject(value) ? value : {})
export const objectsOf = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter(isObject) : []

/** Text as it is, or the texts of a list of content parts: what they say, and not what they think. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return objectsOf(value)
    .filter(part => !isThought(part))
    .map(part => textOf(part['text']) || textOf(part['refusal']))
    .join('')
}

/**
 * What a list of content parts, or of details, thinks: Mistral nests parts in `thinking`, OpenRouter's details have a
 * `text` or a `summary`. What is encrypted says nothing to anybody.
 */
export const thoughtsOf = (value: unknown): string =>
  objectsOf(value)
    .filter(isThought)
    .map(part => textOf(part['thinking']) || textOf(part['text']) || textOf(part['summary']))
    .join('')

const isThought = ({ type, thinking }: Json): boolean =>
  thinking !== undefined || (isText(type) && /^(thinking|reasoning)/.test(type))

/** A part of the only choice, or nothing where there is no text: empty content is not content. */
export const partOf = (channel: Part['channel'], text: unknown): Part[] =>
  isText(text) ? [{ channel, choice: 0, text }] : []

/** The facts of parts and of what else there is; the kind is the most significant thing in them. */
export function factsFrom(
  parts: Part[],
  more: Pick<Facts, 'finishReason' | 'usage' | 'error'> & { role?: boolean } = {},
): Facts {
  const { role, finishReason, usage, error } = more
  const content = (['text', 'audio', 'reasoning', 'tool', 'result'] as const).find(channel =>
    parts.some(part => part.channel === channel),
  )
  const rest = error ? 'error' : finishReason ? 'finish' : usage ? 'usage' : role ? 'role' : 'other'
  return {
    kind: content ?? rest,
    parts,
    ...(finishReason ? { finishReason } : {}),
    ...(usage ? { usage } : {}),
    ...(error ? { error } : {}),
  }
}
