import type { Tapes } from '../open-tapes.ts'
import { quoted } from '../quoted.ts'
import type { Row } from '../rows.ts'
import type { Run } from '../runs.ts'

/** Messages that one piece of a run may bring: some tens of megabytes as objects. */
const MESSAGES_A_PIECE = 100_000

/**
 * Asks a macro of `7_exports` for a run piece by piece: ranges of request numbers with about as many
 * messages as memory should hold at once.
 */
export async function* rowsByRange(tapes: Tapes, run: Run, macro: string): AsyncGenerator<Row> {
  const id = quoted(run.manifest.run_id)
  const [size] = await tapes.query(`
    select coalesce(max(request_id), -1) as last_id, coalesce(sum(n_messages), 0) as n_messages
    from requests where run_id = ${id}`)
  const lastId = Number(size!['last_id'])
  const pieces = Math.max(1, Math.ceil(Number(size!['n_messages']) / MESSAGES_A_PIECE))
  const width = Math.max(1, Math.ceil((lastId + 1) / pieces))
  for (let first = 0; first <= lastId; first += width)
    yield* await tapes.query(`from ${macro}(${first}, ${first + width - 1}) where run_id = ${id}`)
}
