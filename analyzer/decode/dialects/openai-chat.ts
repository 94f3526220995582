import type { DeltaKey } from '../messages-table.ts'
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
  thoughtsOf,
  type Usage,
} from './dialect.ts'
import { errorOf } from './error-text.ts'
import { usageOf } from './usage.ts'

/** OpenAI chat and completions. Reads any object: what no API claims may still name an error or usage. */
export function openaiChat(json: Json, type: string): Facts {
  const choices = objectsOf(json['choices'])
  const finishReason = choices.map(choice => choice['finish_reason']).find(isText)
  const usage = usageIn(json, choices)
  const error = errorOf(json, type) ?? choices.map(choice => errorOf(choice, '')).find(isText)
  const facts = factsFrom(choices.flatMap(partsOf), {
    role: choices.some(choice => isText(deltaOf(choice)['role'])),
    ...(finishReason ? { finishReason } : {}),
    ...(usage ? { usage } : {}),
    ...(error ? { error } : {}),
  })
  if (choices.length === 0) return facts
  // What only others' keys hold, reasoning_details or the transcript of audio, is content all the same.
  const deltaKey = deltaKeyOf(choices[0]!) ?? (facts.parts.length > 0 ? 'none' : undefined)
  return { ...facts, choice: indexOf(choices[0]!), ...(deltaKey ? { deltaKey } : {}) }
}

/** Groq has it in an object of its own as well, Kimi in the choice that ends. */
const usageIn = (json: Json, choices: Json[]): Usage | undefined =>
  [json['usage'], objectOf(json['x_groq'])['usage'], ...choices.map(choice => choice['usage'])]
    .map(usageOf)
    .find(usage => usage !== undefined)

const deltaOf = (choice: Json): Json => objectOf(choice['delta'] ?? choice['message'])

const SPEAKING = ['content', 'reasoning', 'tool_calls', 'function_call'] as const

/** Which key of a choice holds something; tools disagree on which of them is a token. */
function deltaKeyOf(choice: Json): DeltaKey | undefined {
  if (choice['delta'] === undefined && choice['message'] === undefined) return 'text'
  const delta = deltaOf(choice)
  const found = SPEAKING.find(key => isFilled(delta[key]))
  if (found) return found
  if (delta['content'] === '' && !('role' in delta)) return 'empty'
  return (['reasoning_content', 'refusal'] as const).find(key => isFilled(delta[key]))
}

/** A text, a list or an object that is not empty. */
const isFilled = (value: unknown): boolean =>
  typeof value === 'string'
    ? value !== ''
    : typeof value === 'object' && value !== null && Object.keys(value).length > 0

const indexOf = (choice: Json): number => (isCount(choice['index']) ? choice['index'] : 0)

function partsOf(choice: Json): Part[] {
  const delta = deltaOf(choice)
  const index = indexOf(choice)
  const found: [Part['channel'], string][] = [
    ['text', textOf(delta['content']) || textOf(choice['text']) || textOf(delta['refusal'])],
    ['reasoning', reasoningOf(delta)],
    ['tool', toolText(delta)],
    ['audio', textOf(objectOf(delta['audio'])['transcript'])],
  ]
  return found
    .filter(([, text]) => text !== '')
    .map(([channel, text]) => ({ channel, choice: index, text }))
}

/** Where a server says the same thought twice, under two names, it counts once. */
const reasoningOf = (delta: Json): string =>
  textOf(delta['reasoning_content']) ||
  textOf(delta['reasoning']) ||
  thoughtsOf(delta['reasoning_details']) ||
  thoughtsOf(delta['content'])

/** What a tool call's delta adds: the name of the function, or of a custom tool, and its arguments. */
function toolText(delta: Json): string {
  const calls = Array.isArray(delta['tool_calls'])
    ? objectsOf(delta['tool_calls'])
    : [{ function: delta['function_call'] }]
  return calls
    .map(call => objectOf(call['function'] ?? call['custom']))
    .map(({ name, arguments: args, input }) => textOf(name) + (textOf(args) || textOf(input)))
    .join('')
}
