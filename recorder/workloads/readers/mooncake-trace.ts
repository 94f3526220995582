import {
  extraField,
  type Fields,
  fieldsOf,
  listFrom,
  objectFrom,
  RowFault,
  sessionIdField,
  shown,
  textFrom,
  timesOf,
  wholeField,
} from '../fields.ts'
import { hashIdsFrom } from '../hash-ids.ts'
import type { LineReader, ReadOptions, RowTurn } from '../row-reader.ts'
import { payloadTurn } from './payloads.ts'

/** What a row may have as its prompt; `input_length` may stand beside `text_input`, which is sent. */
const PROMPTS = ['input_length', 'text_input', 'messages', 'payload']

/** A line of a Mooncake trace, with the fields that AIPerf adds. `timestamp` and `delay` are ms. */
export const mooncakeTrace: LineReader = {
  unit: 'ms',
  read(text, options) {
    const fields = fieldsOf(text)
    const turn = {
      outputTokens: wholeField(fields, 'output_length', 1),
      extra: extraField(fields),
      ...timesOf(fields),
    }
    const prompt = promptOf(fields, options)
    const limit = prompt.outputTokens ?? turn.outputTokens
    const extra = { ...turn.extra, ...prompt.extra }
    const turns = [{ ...turn, ...prompt, outputTokens: limit, extra }]
    return { sessionId: sessionIdField(fields), system: null, turns }
  },
}

function promptOf(fields: Fields, { blockTokens }: ReadOptions): RowTurn {
  const given = PROMPTS.filter(key => fields[key] != null)
  const inputTokens = wholeField(fields, 'input_length', 1)
  const isBoth = given.join() === 'input_length,text_input'
  if (given.length === 0 && fields['hash_ids'] != null)
    throw new RowFault('input_length: a whole number of at least 1', 'hash_ids without it')
  if (given.length !== 1 && !isBoth)
    throw new RowFault(`exactly one of ${PROMPTS.join(', ')}`, given.join(' and ') || 'none')
  if (fields['hash_ids'] != null && inputTokens === null)
    throw new RowFault('hash_ids only with input_length', `hash_ids with ${given[0]}`)
  if (fields['tools'] != null && given[0] !== 'messages')
    throw new RowFault('tools only with messages', `tools with ${given[0]}`)
  if (given.includes('text_input'))
    return { texts: [textFrom(fields['text_input'], 'text_input: a string that is not empty')] }
  if (given[0] === 'payload')
    return payloadTurn(objectFrom(fields['payload'], 'payload: an object'))
  if (given[0] === 'messages') return messagesOf(fields)
  return {
    made: {
      tokens: inputTokens!,
      hashIds: hashIdsFrom(fields['hash_ids'], inputTokens!, blockTokens),
    },
  }
}

function messagesOf(fields: Fields): RowTurn {
  const messages = listFrom(fields['messages'], 'messages: a list that is not empty').map(item => {
    const { role, content, ...rest } = objectFrom(item, 'messages: objects')
    return { role: textFrom(role, 'role: a string'), content, ...rest }
  })
  const extra = fields['tools'] == null ? {} : { tools: fields['tools'] }
  const mode = fields['message_mode'] ?? 'history'
  if (mode === 'history') return { messages, extra }
  if (mode !== 'delta') throw new RowFault('message_mode: history or delta', shown(mode))
  return {
    extra,
    texts: messages.map(({ role, content }) => {
      if (role !== 'user' || typeof content !== 'string')
        throw new RowFault('delta messages: text of a user', shown({ role, content }))
      return content
    }),
  }
}
