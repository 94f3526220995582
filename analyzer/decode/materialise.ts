import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import { type TableFiles, tableFiles } from '../../schemas/tape.ts'
import { quoted } from '../quoted.ts'
import { decodeFile } from './decode-file.ts'
import { MESSAGES, MESSAGES_VERSION, STORED_COLUMNS } from './messages-table.ts'
import type { TokenCounter } from './tokens.ts'

export type Materialise = {
  tape: string
  /** Whether the tape is sealed: only then may what was decoded be kept. */
  sealed: boolean
  connection: DuckDBConnection
  tokenizer: TokenCounter | undefined
  err(text: string): void
  /** Where to put what may not or cannot stand beside the tape. */
  scratch: string
}

/**
 * The Parquet files of a tape's decoded messages, decoding them where that has not been done.
 *
 * They are a projection: kept in `derived/` under the decoder's version and the tokenizer's digest,
 * whole or not at all, and made again when somebody deletes them.
 */
export async function materialiseMessages(job: Materialise): Promise<string[]> {
  const { tape, sealed, tokenizer } = job
  const name = `messages-v${MESSAGES_VERSION}-${tokenizer?.digest.slice(0, 12) ?? 'none'}`
  const sources = tableFiles(tape, 'events')
  const kept = join(tape, 'derived', name)
  const files = (folder: string): string[] =>
    sources.map(({ lane }) => join(folder, `messages-${lane}.parquet`))
  if (sealed && (await areWhole(files(kept), job.connection))) return files(kept)

  const parent = sealed ? writable(job) : job.scratch
  const folder = mkdtempSync(join(parent, `.${name}-`))
  for (const [i, source] of sources.entries()) await decodeTo(files(folder)[i]!, source, job)
  if (parent === job.scratch) return files(folder)
  rmSync(kept, { recursive: true, force: true })
  try {
    renameSync(folder, kept)
  } catch (error) {
    // Another analyzer was faster, with the same content.
    if (!existsSync(kept)) throw error
    rmSync(folder, { recursive: true, force: true })
  }
  return files(kept)
}

async function decodeTo(target: string, source: TableFiles, job: Materialise): Promise<void> {
  const { connection, tokenizer } = job
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

async function areWhole(paths: string[], connection: DuckDBConnection): Promise<boolean> {
  if (!paths.every(path => existsSync(path))) return false
  try {
    for (const path of paths) {
      const columns = await connection.runAndReadAll(`describe from read_parquet(${quoted(path)})`)
      if (columns.currentRowCount !== Object.keys(MESSAGES).length) return false
    }
    return true
  } catch {
    return false
  }
}

/** The tape's `derived/`, or the scratch folder where the tape cannot be written to. */
function writable({ tape, scratch, err }: Materialise): string {
  const derived = join(tape, 'derived')
  try {
    mkdirSync(derived, { recursive: true })
    const probe = join(derived, `.probe-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
    return derived
  } catch (error) {
    err(`note: ${tape}: decoded messages are not kept: ${reasonOf(error)}\n`)
    return scratch
  }
}

/** A folder of its own for one analyzer, removed when it closes. */
export const scratchFolder = (): string => mkdtempSync(join(tmpdir(), 'tokentape-'))
