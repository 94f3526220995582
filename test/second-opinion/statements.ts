import { count, type Json, list, object } from './json.ts'
import { type Usage, usageIn } from './usage.ts'

/** Text that a message adds to one choice, on one channel. */
export type Part = {
  choice: number
  channel: 'text' | 'reasoning' | 'tool' | 'audio'
  text: string
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

/** What a chunk of a chat or a completion says, streamed or whole; null where the text is no JSON object. */
export function statementOf(data: string, event: string): Statement | null {
  const message = parsed(data)
  if (event === 'error') return { ...NOTHING, error: true }
  if (!message) return null
  const choices = list(message['choices']).map(object)
  return {
    parts: choices.flatMap((choice, position) => (choice ? partsOf(choice, position) : [])),
    finish: choices.some(choice => typeof choice?.['finish_reason'] === 'string'),
    usage: usageIn(message),
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
  const calls = list(said['tool_calls']).map(object)
  const functions = calls.map(call => call?.['function'] ?? call?.['custom'])
  return [
    part('text', choice['text'], said['content'], said['refusal']),
    part('reasoning', reasoningOf(said)),
    part('tool', ...[...functions, said['function_call']].flatMap(nameAndArguments)),
    part('audio', object(said['audio'])?.['transcript']),
  ].filter(({ text }) => text !== '')
}

/** Reasoning stands in a field of its own, or among the parts of the content (Mistral), or in details (OpenRouter), which may say it again. */
function reasoningOf(said: Json): string {
  const field = textOf(said['reasoning_content'] ?? said['reasoning'])
  const thinking = list(said['content']).map(part => textOf(object(part)?.['thinking']))
  const details = list(said['reasoning_details']).map(detail =>
    textOf(object(detail)?.['text'] ?? object(detail)?.['summary']),
  )
  return field || thinking.join('') || details.join('')
}

/** A text, or the texts of a list of content parts. */
const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : list(value)
        .map(part => textOf(object(part)?.['text'] ?? object(part)?.['refusal']))
        .join('')

const nameAndArguments = (call: unknown): unknown[] => [
  object(call)?.['name'],
  object(call)?.['arguments'] ?? object(call)?.['input'],
]
