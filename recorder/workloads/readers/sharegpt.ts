import { fieldsOf, listFrom, objectFrom, RowFault, shown, textFrom } from '../fields.ts'
import type { LineReader, Row, RowTurn } from '../row-reader.ts'

const USER = ['human', 'user']
const MODEL = ['gpt', 'assistant', 'chatgpt', 'bing', 'bard', 'model']

/**
 * `{"conversations": [{"from": "human", "value": …}, {"from": "gpt", "value": …}]}`. The recorded answer
 * is not sent: its tokens are the output limit, as in vLLM's and AIPerf's loads.
 */
export const shareGpt: LineReader = {
  read(text, { shareGptTurns }) {
    const fields = fieldsOf(text)
    const said = listFrom(fields['conversations'], 'conversations: a list that is not empty')
    const row: Row = { sessionId: null, system: null, turns: [] }
    for (const item of said) {
      const { from, value } = objectFrom(item, 'conversations: objects with from and value')
      if (typeof value !== 'string') throw new RowFault('value: a string', shown(value))
      if (USER.includes(from as string)) {
        if (shareGptTurns === 'first' && row.turns.length > 0) break
        row.turns.push({ texts: [textFrom(value, 'value: a string that is not empty')] })
      } else if (MODEL.includes(from as string)) answered(row.turns, value)
      else if (from === 'system') row.system = value || null
      else if (typeof from !== 'string') throw new RowFault('from: human or gpt', shown(from))
    }
    if (row.turns.length === 0) throw new RowFault('a message from human', shown(said))
    return row
  },
}

/** Gives the last turn its answer. One without words would be a limit of 0, and is none. */
function answered(turns: RowTurn[], answer: string): void {
  const last = turns.at(-1)
  if (last && answer.trim() !== '') last.answer ??= answer
}
