/** Text that a message adds to one choice, on one channel. */
export type Part = { choice: number; channel: 'text' | 'reasoning' | 'tool'; text: string }

export type Usage = {
  prompt: number | null
  completion: number | null
  reasoning: number | null
  cached: number | null
}

/** What one JSON value of an answer says: a message of a stream, or a whole body. */
export type Statement = {
  parts: Part[]
  finish: boolean
  usage: Usage | null
  error: boolean
  /** Whether it is an answer's at all: it has choices. */
  hasChoices: boolean
}

type Json = { [key: string]: unknown }
const object = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null

/** What a chunk of a chat or a completion says, streamed or whole; null where the text is no JSON object. */
export function statementOf(data: string, event: string): Statement | null {
  const message = parsed(data)
  if (event === 'error') return { ...NOTHING, error: true }
  if (!message) return null
  const choices = list(message['choices']).map(object)
  return {
    parts: choices.flatMap((choice, position) => (choice ? partsOf(choice, position) : [])),
    finish: choices.some(choice => typeof choice?.['finish_reason'] === 'string'),
    usage: usageOf(object(message['usage'])),
    error: (message['error'] ?? null) !== null || message['object'] === 'error',
    hasChoices: choices.length > 0,
  }
}

const NOTHING: Statement = {
  parts: [],
  finish: false,
  usage: null,
  error: false,
  hasChoices: false,
}

function parsed(data: string): Json | null {
  try {
    return object(JSON.parse(data))
  } catch {
    return null // No JSON: a message that says nothing.
  }
}

function partsOf(choice: Json, position: number): Part[] {
  const index = count(choice['index']) ?? position
  const said = object(choice['delta']) ?? object(choice['message']) ?? {}
  const part = (channel: Part['channel'], ...texts: unknown[]): Part => ({
    choice: index,
    channel,
    text: texts.map(textOf).join(''),
  })
  const calls = list(said['tool_calls']).map(call => object(call)?.['function'])
  return [
    part('text', choice['text'], said['content'], said['refusal']),
    part('reasoning', said['reasoning_content'] ?? said['reasoning']),
    part('tool', ...[...calls, said['function_call']].flatMap(nameAndArguments)),
  ].filter(({ text }) => text !== '')
}

/** A text, or the texts of a list of content parts. */
const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : list(value)
        .map(part => textOf(object(part)?.['text']))
        .join('')

const nameAndArguments = (call: unknown): unknown[] => [
  object(call)?.['name'],
  object(call)?.['arguments'],
]

function usageOf(usage: Json | null): Usage | null {
  const counts = {
    prompt: count(usage?.['prompt_tokens']),
    completion: count(usage?.['completion_tokens']),
    reasoning: count(object(usage?.['completion_tokens_details'])?.['reasoning_tokens']),
    cached: count(object(usage?.['prompt_tokens_details'])?.['cached_tokens']),
  }
  return Object.values(counts).every(value => value === null) ? null : counts
}
