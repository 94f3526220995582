import type { MessageKind } from './messages-table.ts'

/** A piece of what the model said. */
export type Part = { channel: 'text' | 'reasoning' | 'tool'; choice: number; text: string }

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
  finishReason?: string
  usage?: Usage
  error?: string
}

type Json = Record<string, unknown>

/**
 * Reads the data of one message: a chunk of a chat or a completion, or a whole answer.
 *
 * Nothing a server sends is an exception: what cannot be read is of kind `other`.
 * Empty and null content is not content.
 */
export function factsOf(data: string, event: string): Facts {
  if (data.trim() === '[DONE]') return { kind: 'done', parts: [] }
  if (event === 'ping') return { kind: 'ping', parts: [] }
  const json = parsed(data)
  if (!isObject(json))
    return { kind: event === 'error' ? 'error' : 'other', parts: [], ...errorText(event, data) }
  const error = errorOf(json, event)
  const usage = usageOf(json['usage'])
  const choices = Array.isArray(json['choices']) ? json['choices'].filter(isObject) : []
  const parts = choices.flatMap(partsOf)
  const finish = choices.map(choice => choice['finish_reason']).find(isText)
  const role = choices.some(choice => isText(deltaOf(choice)['role']))
  const kind = mostSignificant(parts, { error, finish, usage, role })
  return {
    kind,
    parts,
    ...(choices.length > 0 ? { choice: indexOf(choices[0]!) } : {}),
    ...(finish ? { finishReason: finish } : {}),
    ...(usage ? { usage } : {}),
    ...(error ? { error } : {}),
  }
}

function mostSignificant(
  parts: Part[],
  has: { error: unknown; finish: unknown; usage: unknown; role: boolean },
): MessageKind {
  for (const channel of ['text', 'reasoning', 'tool'] as const)
    if (parts.some(part => part.channel === channel)) return channel
  if (has.error) return 'error'
  if (has.finish) return 'finish'
  if (has.usage) return 'usage'
  return has.role ? 'role' : 'other'
}

const deltaOf = (choice: Json): Json => {
  const found = choice['delta'] ?? choice['message']
  return isObject(found) ? found : {}
}

const indexOf = (choice: Json): number =>
  Number.isSafeInteger(choice['index']) && (choice['index'] as number) >= 0
    ? (choice['index'] as number)
    : 0

function partsOf(choice: Json): Part[] {
  const delta = deltaOf(choice)
  const index = indexOf(choice)
  const found: [Part['channel'], string][] = [
    ['text', textOf(delta['content']) || textOf(choice['text']) || textOf(delta['refusal'])],
    ['reasoning', textOf(delta['reasoning_content']) || textOf(delta['reasoning'])],
    ['tool', toolText(delta)],
  ]
  return found
    .filter(([, text]) => text !== '')
    .map(([channel, text]) => ({ channel, choice: index, text }))
}

/** Text as it is, or the texts of a list of content parts. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return ''
  return value.map(part => (isObject(part) ? textOf(part['text']) : '')).join('')
}

/** What a tool call's delta adds: the function's name and its arguments. */
function toolText(delta: Json): string {
  const calls = Array.isArray(delta['tool_calls'])
    ? delta['tool_calls']
    : [{ function: delta['function_call'] }]
  return calls
    .map(call => (isObject(call) && isObject(call['function']) ? call['function'] : {}))
    .map(({ name, arguments: args }: Json) => textOf(name) + textOf(args))
    .join('')
}

function usageOf(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const prompt = isObject(value['prompt_tokens_details']) ? value['prompt_tokens_details'] : {}
  const completion = isObject(value['completion_tokens_details'])
    ? value['completion_tokens_details']
    : {}
  const counts = {
    prompt_tokens: value['prompt_tokens'],
    completion_tokens: value['completion_tokens'],
    reasoning_tokens: completion['reasoning_tokens'] ?? value['reasoning_tokens'],
    cached_tokens: prompt['cached_tokens'],
  }
  const known = Object.entries(counts).filter(([, count]) => isCount(count))
  return known.length > 0 ? Object.fromEntries(known) : undefined
}

// Servers nest an error, name the whole object one (vLLM), or send the event `error`.
function errorOf(json: Json, event: string): string | undefined {
  const nested = json['error']
  if (isText(nested)) return nested
  if (isObject(nested)) return sentence(nested)
  if (json['object'] === 'error' || event === 'error') return sentence(json)
  return undefined
}

const errorText = (event: string, data: string): { error?: string } =>
  event === 'error' ? { error: data } : {}

/** An error object in one line: `429 rate_limit_error: too many requests`. */
function sentence(error: Json): string {
  const { code, type, message } = error
  const label = [code, type].filter(word => isText(word) || typeof word === 'number').join(' ')
  const text = isText(message) ? message : label ? '' : JSON.stringify(error)
  return label && text ? `${label}: ${text}` : label || text
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

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32
