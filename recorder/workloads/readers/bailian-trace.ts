import { fieldsOf, secondsField, wholeField } from '../fields.ts'
import { hashIdsFrom } from '../hash-ids.ts'
import type { LineReader } from '../row-reader.ts'
import { requiredTokens } from './required-tokens.ts'

/**
 * Alibaba's Bailian traces: JSONL, `timestamp` in seconds, blocks of 16 tokens. The turns of a chat
 * (`chat_id`, `parent_chat_id`) are sessions of their own: each prompt holds its history already.
 */
export const bailianTrace: LineReader = {
  unit: 's',
  blockTokens: 16,
  read(text, { blockTokens }) {
    const fields = fieldsOf(text)
    const tokens = requiredTokens(fields, 'input_length')
    const turn = {
      made: { tokens, hashIds: hashIdsFrom(fields['hash_ids'], tokens, blockTokens) },
      outputTokens: wholeField(fields, 'output_length', 1),
      timestampMs: secondsField(fields, 'timestamp'),
    }
    return { sessionId: null, system: null, turns: [turn] }
  },
}
