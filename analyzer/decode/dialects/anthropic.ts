import {
  type Dialect,
  type Facts,
  factsFrom,
  isObject,
  isText,
  type Json,
  objectOf,
  objectsOf,
  type Part,
  partOf,
  textOf,
} from './dialect.ts'
import { usageOf } from './usage.ts'

/** Anthropic messages: named events, of which `message_stop` is the last. */
export const anthropic: Dialect = (json, type) => {
  switch (type) {
    case 'message':
      // Also the name that an event without a name has.
      return Array.isArray(json['content'])
        ? ended(json, json, objectsOf(json['content']).flatMap(blockParts))
        : undefined
    case 'message_start': {
      const usage = usageOf(objectOf(json['message'])['usage'])
      return { kind: 'role', parts: [], ...(usage ? { usage } : {}) }
    }
    case 'content_block_start':
      return factsFrom(blockParts(objectOf(json['content_block'])))
    case 'content_block_delta':
      return factsFrom(blockParts(objectOf(json['delta'])))
    case 'message_delta':
      return ended(objectOf(json['delta']), json, [])
    case 'message_stop':
      return { kind: 'done', parts: [] }
    case 'content_block_stop':
      return { kind: 'other', parts: [] }
    case 'ping':
      return { kind: 'ping', parts: [] }
    default:
      return undefined
  }
}

function ended({ stop_reason }: Json, { usage: counts }: Json, parts: Part[]): Facts {
  const usage = usageOf(counts)
  return factsFrom(parts, {
    ...(isText(stop_reason) ? { finishReason: stop_reason } : {}),
    ...(usage ? { usage } : {}),
  })
}

/** A block of content, or what a delta adds to one: they use the same keys. */
const blockParts = (block: Json): Part[] => [
  ...partOf('text', block['text']),
  ...partOf('reasoning', block['thinking']),
  ...partOf('tool', textOf(block['name']) + textOf(block['partial_json']) + inputText(block)),
]

/** A whole tool call's input; a stream begins with an empty one. */
const inputText = ({ input }: Json): string =>
  isObject(input) && Object.keys(input).length > 0 ? JSON.stringify(input) : ''
