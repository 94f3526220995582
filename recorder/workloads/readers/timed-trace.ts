import { fieldsOf, secondsField, wholeField } from '../fields.ts'
import { hashIdsFrom } from '../hash-ids.ts'
import type { LineReader } from '../row-reader.ts'
import { requiredTokens } from './required-tokens.ts'

/** vLLM's timed_trace: Mooncake's four fields, but `timestamp` in seconds and blocks of 16 tokens. */
export const timedTrace: LineReader = {
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
