import type { DeltaKey, MessageKind } from '../messages-table.ts'

/** A piece of what the model said. A result is what it computed in place of saying something: its text is empty. */
export type Part = {
  channel: 'text' | 'reasoning' | 'tool' | 'result'
  choice: number
  text: string
}

/** Token counts as the server gave them. */
export type Usage = {
  prompt_tokens?: number
  completion_tokens?: number
  reasoning_tokens?: number
  cached_tokens?: number
}

/** All that one message says. Its kind is the most significant thing in it. */
export type Facts = {
  kind: MessageKind
  parts: Part[]
  choice?: number
  deltaKey?: DeltaKey
  finishReason?: string
  usage?: Usage
  error?: string
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

/** Text as it is, or the texts of a list of content parts. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return objectsOf(value)
    .map(part => textOf(part['text']))
    .join('')
}

/** A part of the only choice, or nothing where there is no text: empty content is not content. */
export const partOf = (channel: Part['channel'], text: unknown): Part[] =>
  isText(text) ? [{ channel, choice: 0, text }] : []

/** The facts of parts and of what else there is; the kind is the most significant thing in them. */
export function factsFrom(
  parts: Part[],
  more: Pick<Facts, 'finishReason' | 'usage' | 'error'> & { role?: boolean } = {},
): Facts {
  const { role, finishReason, usage, error } = more
  const content = (['text', 'reasoning', 'tool', 'result'] as const).find(channel =>
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
