import { fieldsOf, listFrom, objectFrom, sessionIdField } from '../fields.ts'
import type { LineReader } from '../row-reader.ts'
import { textsFrom, turnFrom } from './single-turn.ts'

/** `{"session_id": …, "turns": [single_turn, …]}`; a system turn in front is the system prompt. */
export const multiTurn: LineReader = {
  read(text) {
    const fields = fieldsOf(text)
    const turns = listFrom(fields['turns'], 'turns: a list of turns').map(turn =>
      objectFrom(typeof turn === 'string' ? { text: turn } : turn, 'turns: objects'),
    )
    const hasSystem = turns[0]!['role'] === 'system'
    const spoken = listFrom(turns.slice(hasSystem ? 1 : 0), 'turns: at least one of a user')
    return {
      sessionId: sessionIdField(fields),
      system: hasSystem ? textsFrom(turns[0]!).join('\n\n') : null,
      turns: spoken.map(turn => turnFrom(turn as Record<string, unknown>)),
    }
  },
}
