import { rmSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import type { TableFiles } from '../../schemas/tape.ts'
import { quoted } from '../quoted.ts'
import { decodeFile } from './decode-file.ts'
import { STORED_COLUMNS } from './messages-table.ts'
import type { TokenCounter } from './tokens.ts'

/** A lane's events, and the Parquet file to write their messages to. */
export type DecodeJob = { source: TableFiles; target: string; tokenizer: Counter | undefined }
export type Counter = TokenCounter & { id: string }

/** Decodes one lane's events to a Parquet file. `connection` must know `read_arrow_log` and MESSAGES. */
export async function decodeTo(
  { source, target, tokenizer }: DecodeJob,
  connection: DuckDBConnection,
): Promise<void> {
  const temporary = `${target}.arrows`
  try {
    await decodeFile(source, temporary, connection, tokenizer)
  } catch (error) {
    throw damaged(source.path, error)
  }
  await connection.run(`
    copy (select ${STORED_COLUMNS} from read_arrow_log(${quoted(temporary)}, 'messages'))
    to ${quoted(target)} (format parquet, parquet_version v2, compression zstd)`)
  rmSync(temporary)
}

/** Classes of DuckDB errors that are about our SQL, not about the file that is read. */
const OUR_FAULT = /^(Binder|Catalog|Parser|Internal|Syntax) Error: /

/** What reading a file of a tape failed with, as the person's fault where DuckDB says the file is. */
export function damaged(path: string, error: unknown): unknown {
  const [reason] = reasonOf(error).split('\n')
  if (
    error instanceof UserError ||
    !/^[A-Z][\w ]* Error: /.test(reason!) ||
    OUR_FAULT.test(reason!)
  )
    return error
  return new UserError(
    `${path}: damaged: ${reason}`,
    'restore it from a copy of the tape, or record again',
  )
}
