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
import type { ReadOptions, RowReader, RowTurn } from '../row-reader.ts'
import { payloadTurn } from './payloads.ts'

/** What a row may have as its prompt; `input_length` may stand beside `text_input`, which is sent. */
const PROMPTS = ['input_length', 'text_input', 'messages', 'payload']

/** A line of a Mooncake trace, with the fields that AIPerf adds. */
export const mooncakeTrace: RowReader = {
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
  return { made: { tokens: inputTokens!, hashIds: hashIdsOf(fields, inputTokens!, blockTokens) } }
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

/** Block ids whose last block is what is left of the prompt: at least one token, at most a block. */
function hashIdsOf(fields: Fields, inputTokens: number, blockTokens: number): number[] | null {
  if (fields['hash_ids'] == null) return null
  const ids = fields['hash_ids']
  if (!Array.isArray(ids) || !ids.every(id => Number.isSafeInteger(id)))
    throw new RowFault('hash_ids: a list of whole numbers', shown(ids))
  if (ids.length === 0) return null
  const last = inputTokens - (ids.length - 1) * blockTokens
  if (last < 1 || last > blockTokens)
    throw new RowFault(
      `input_length - (hash_ids - 1) * block in 1..${blockTokens} (--isl-block-size)`,
      `${inputTokens} - ${ids.length - 1} * ${blockTokens} = ${last}`,
    )
  return ids
}
