import { type Fields, fieldsOf, listFrom, objectFrom, RowFault, sessionIdField } from '../fields.ts'
import type { LineReader, RowTurn } from '../row-reader.ts'
import { outputTokensOfPayload } from '../token-count.ts'

/** A body to be sent as it stands. */
export function payloadTurn(payload: Fields): RowTurn {
  if (Object.keys(payload).length === 0) throw new RowFault('a body with fields', '{}')
  return { payload, outputTokens: outputTokensOfPayload(payload) }
}

/** One body a line. */
export const rawPayload: LineReader = {
  read(text) {
    return { sessionId: null, system: null, turns: [payloadTurn(fieldsOf(text))] }
  },
}

/** `{"session_id": …, "payloads": [body, …]}`, an element of `data` in an inputs.json. */
export const inputsJson: LineReader = {
  read(text) {
    const fields = fieldsOf(text)
    const payloads = listFrom(fields['payloads'], 'payloads: a list of bodies')
    return {
      sessionId: sessionIdField(fields),
      system: null,
      turns: payloads.map(payload => payloadTurn(objectFrom(payload, 'payloads: objects'))),
    }
  },
}
