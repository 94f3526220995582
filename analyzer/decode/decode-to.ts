import { rmSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { TableFiles } from '../../schemas/tape.ts'
import { checkEvents } from '../check-cells.ts'
import { quoted } from '../quoted.ts'
import { damaged } from './damaged.ts'
import { decodeFile } from './decode-file.ts'
import { STORED_COLUMNS } from './messages-table.ts'
import type { TokenCounter } from './tokens.ts'

/** A lane's events, and the Parquet file to write their messages to. */
export type DecodeJob = {
  source: TableFiles
  target: string
  tokenizer: Counter | undefined
  /** What each row says of its tape, as part of a SELECT. */
  origin: string
}
export type Counter = TokenCounter & { id: string }

/**
 * Decodes one lane's events to a Parquet file. `connection` must know `read_arrow_log` and MESSAGES.
 *
 * @param stopped  asked now and then: whether to give up
 */
export async function decodeTo(
  { source, target, tokenizer, origin }: DecodeJob,
  connection: DuckDBConnection,
  stopped?: () => boolean,
): Promise<void> {
  const temporary = `${target}.arrows`
  try {
    if (source.state === 'sealed')
      await checkEvents(source.path, ['request_id', 'kind', 'at_ns'], connection)
    await decodeFile(source, temporary, connection, tokenizer, stopped)
  } catch (error) {
    throw damaged(source.path, error)
  }
  await connection.run(`
    copy (select ${origin}, ${STORED_COLUMNS} from read_arrow_log(${quoted(temporary)}, 'messages'))
    to ${quoted(target)} (format parquet, parquet_version v2, compression zstd)`)
  rmSync(temporary)
}
