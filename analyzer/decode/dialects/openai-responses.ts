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
  thoughtsOf,
} from './dialect.ts'
import { sentence } from './error-text.ts'
import { usageOf } from './usage.ts'

/**
 * OpenAI responses: named events, without [DONE].
 *
 * The `….done` events and `response.completed` say again what the deltas said, and bring no content.
 */
export const openaiResponses: Dialect = (json, type) => {
  if (json['object'] === 'response')
    return ended(json, objectsOf(json['output']).flatMap(itemParts))
  if (!type.startsWith('response.')) return undefined
  switch (type) {
    case 'response.created':
      return factsFrom([], { role: true })
    case 'response.output_item.added':
      return factsFrom(partOf('tool', objectOf(json['item'])['name']))
    case 'response.completed':
    case 'response.incomplete':
      return ended(objectOf(json['response']), [])
    case 'response.failed':
      return failed(objectOf(json['response']), type)
    default: {
      const channel = channelOf(type)
      return factsFrom(channel ? partOf(channel, json['delta']) : [])
    }
  }
}

function channelOf(type: string): Part['channel'] | undefined {
  if (!type.endsWith('.delta')) return undefined
  if (type.includes('reasoning')) return 'reasoning'
  if (/audio.transcript\.delta$/.test(type)) return 'audio'
  if (/_(arguments|input|code)\.delta$/.test(type)) return 'tool'
  return /(output_text|refusal)\.delta$/.test(type) ? 'text' : undefined
}

/** The response object at its end. Its `status` may be redacted; whether something is incomplete shows. */
function ended(response: Json, parts: Part[]): Facts {
  const usage = usageOf(response['usage'])
  const error = failure(response)
  return factsFrom(parts, {
    finishReason: isObject(response['incomplete_details']) ? 'incomplete' : 'completed',
    ...(usage ? { usage } : {}),
    ...(error ? { error } : {}),
  })
}

function failed(response: Json, type: string): Facts {
  const usage = usageOf(response['usage'])
  return factsFrom([], { error: failure(response) ?? type, ...(usage ? { usage } : {}) })
}

const failure = ({ error }: Json): string | undefined =>
  isObject(error) ? sentence(error) : isText(error) ? error : undefined

function itemParts(item: Json): Part[] {
  if (item['type'] === 'reasoning')
    return partOf(
      'reasoning',
      thoughtsOf(item['content']) || textOf(item['content']) || textOf(item['summary']),
    )
  if (isText(item['name']))
    return partOf('tool', item['name'] + textOf(item['arguments']) + textOf(item['input']))
  return objectsOf(item['content']).flatMap(part => [
    ...partOf('text', textOf(part['text']) || textOf(part['refusal'])),
    ...partOf('audio', part['transcript']),
  ])
}
