import { anthropic } from './dialects/anthropic.ts'
import { type Dialect, type Facts, isObject, isText, type Json } from './dialects/dialect.ts'
import { errorOf, sentence } from './dialects/error-text.ts'
import { openaiChat } from './dialects/openai-chat.ts'
import { openaiResponses } from './dialects/openai-responses.ts'
import { results } from './dialects/results.ts'
import { tgi } from './dialects/tgi.ts'

export type { Facts, Part, Usage } from './dialects/dialect.ts'

const DIALECTS: readonly Dialect[] = [openaiResponses, anthropic, tgi, results]

/** Characters of what is no message that are kept, for a person to see what it was. */
export const EXCERPT = 300

/**
 * Reads the data of one message: an event of a stream, or a whole answer.
 *
 * Nothing a server sends is an exception: what cannot be read is of kind `other`, and kept as `undecoded`.
 * Empty and null content is not content.
 */
export function factsOf(data: string, event: string): Facts {
  if (data.trim() === '[DONE]') return { kind: 'done', parts: [] }
  if (/^(ping|heartbeat|keep-?alive)$/.test(event)) return { kind: 'ping', parts: [] }
  const json = parsed(data)
  if (isObject(json)) return factsOfObject(json, event)
  const text = json === undefined ? data.trim() : typeof json === 'string' ? json : ''
  if (event === 'error') return { kind: 'error', parts: [], error: text || data }
  const undecoded = text.slice(0, EXCERPT)
  return results(json) ?? { kind: 'other', parts: [], ...(undecoded ? { undecoded } : {}) }
}

/** Whether what is no message is words, and not JSON that was cut off. */
export const isWords = (undecoded: string): boolean =>
  !/^(\{|\[\s*(["{[\]\d-]|$)|")/.test(undecoded)

function factsOfObject(json: Json, event: string): Facts {
  const type = isText(json['type']) ? json['type'] : event
  if (Array.isArray(json['choices'])) return openaiChat(json, event)
  for (const dialect of DIALECTS) {
    const facts = dialect(json, type)
    if (facts) return facts
  }
  return openaiChat(json, type === 'error' ? type : event)
}

/** The error that a whole JSON body of a failed request names, in the shapes that servers use. */
export function bodyError(body: string): string | undefined {
  const json = parsed(body)
  if (!isObject(json)) return undefined
  const { detail, message } = json
  return (
    errorOf(json, '') ??
    (isText(message) || isText(detail)
      ? sentence({ ...json, message: message ?? detail })
      : undefined)
  )
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
