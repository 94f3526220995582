import {
  type Facts,
  factsFrom,
  isCount,
  isText,
  type Json,
  objectOf,
  objectsOf,
  type Part,
  textOf,
} from './dialect.ts'
import { errorOf } from './error-text.ts'
import { usageOf } from './usage.ts'

/** OpenAI chat and completions. Reads any object: what no API claims may still name an error or usage. */
export function openaiChat(json: Json, type: string): Facts {
  const choices = objectsOf(json['choices'])
  const finishReason = choices.map(choice => choice['finish_reason']).find(isText)
  const usage = usageOf(json['usage'])
  const error = errorOf(json, type)
  const facts = factsFrom(choices.flatMap(partsOf), {
    role: choices.some(choice => isText(deltaOf(choice)['role'])),
    ...(finishReason ? { finishReason } : {}),
    ...(usage ? { usage } : {}),
    ...(error ? { error } : {}),
  })
  return choices.length > 0 ? { ...facts, choice: indexOf(choices[0]!) } : facts
}

const deltaOf = (choice: Json): Json => objectOf(choice['delta'] ?? choice['message'])

const indexOf = (choice: Json): number => (isCount(choice['index']) ? choice['index'] : 0)

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

/** What a tool call's delta adds: the function's name and its arguments. */
function toolText(delta: Json): string {
  const calls = Array.isArray(delta['tool_calls'])
    ? objectsOf(delta['tool_calls'])
    : [{ function: delta['function_call'] }]
  return calls
    .map(call => objectOf(call['function']))
    .map(({ name, arguments: args }) => textOf(name) + textOf(args))
    .join('')
}
