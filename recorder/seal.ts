import { readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { tapeDigests } from '../schemas/digests.ts'
import { EXIT, UserError } from '../schemas/errors.ts'
import type { FileDigest, Manifest } from '../schemas/manifest.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { readManifest, tableFile, tableFiles, tapeFault, writeManifest } from '../schemas/tape.ts'
import { removeAbandoned, temporaryName } from '../schemas/temporary.ts'
import { writerOf } from './seal-guard.ts'
import { runJobs, type SealedFile, type SealJob, syncDirectory } from './seal-jobs.ts'

export type SealResult = {
  /** Those that were live. */
  files: SealedFile[]
  /** Whether it was sealed already, but had no digests: it has now. */
  digested: boolean
  elapsedMs: number
  peakRssBytes: number
}

/**
 * Converts the live files of a tape to Parquet, one after another, in bounded memory.
 *
 * At every instant each lane has either its whole live file or its whole Parquet file: the latter is
 * written beside, synced, renamed and the directory synced before the former goes. DuckDB is loaded in a worker of
 * this process, and only now.
 *
 * The manifest is written last, with a digest of every file. Sealing a sealed tape does nothing, but where it has
 * no digests it gets those of its files as they are.
 *
 * @throws UserError when another process is still writing it, when it is gone, or the disk is full
 */
export async function sealTape(tape: string, facts: RunEnd = {}): Promise<SealResult> {
  try {
    return await seal(tape, facts)
  } catch (error) {
    throw tapeFault(tape, error, { what: 'cannot seal', exitCode: EXIT.noTape })
  }
}

type RunEnd = { endedNs?: number; outcome?: Manifest['outcome'] }

async function seal(tape: string, facts: RunEnd): Promise<SealResult> {
  const manifest = readManifest(tape)
  const started = performance.now()
  const pid = writerOf(tape)
  if (pid !== undefined)
    throw new UserError(
      `${tape}: process ${pid} is still writing it`,
      'wait until it ends, or stop it; tokentape report reads the tape as it is',
    )
  const pending = jobsOf(tape)
  const files: SealedFile[] = []
  let peakRssBytes = 0
  if (pending.length > 0) {
    try {
      peakRssBytes = await runJobs(tape, manifest, pending, done => files.push(done))
    } finally {
      for (const { temporary } of pending) rmSync(temporary, { force: true })
    }
  }
  removeLeftovers(tape)
  const digested = manifest.state === 'sealed' && manifest.digests === undefined
  if (manifest.state !== 'sealed' || facts.outcome !== undefined || files.length > 0 || digested) {
    writeManifest(tape, {
      ...manifest,
      state: 'sealed',
      ...(facts.endedNs === undefined ? {} : { ended_ns: facts.endedNs }),
      ...(facts.outcome === undefined ? {} : { outcome: facts.outcome }),
      digests: await tapeDigests(tape, { ...manifest.digests, ...digestsOf(tape, files) }),
    })
    syncDirectory(tape)
  }
  return { files, digested, elapsedMs: performance.now() - started, peakRssBytes }
}

/** What the worker found of the files that it wrote. */
const digestsOf = (tape: string, files: SealedFile[]): Record<string, FileDigest> =>
  Object.fromEntries(
    files.map(({ table, lane, bytes, sha256 }) => [
      basename(tableFile(tape, table, lane, 'sealed')),
      { bytes, sha256 },
    ]),
  )

/** A temporary file has its owner's name: two that seal at once cannot take each other's. */
function jobsOf(tape: string): SealJob[] {
  return (Object.keys(TABLES) as TableName[]).flatMap(table =>
    tableFiles(tape, table)
      .filter(({ state }) => state === 'live')
      .map(({ lane, path }) => {
        const sealed = tableFile(tape, table, lane, 'sealed')
        return { table, lane, live: path, sealed, temporary: temporaryName(sealed) }
      }),
  )
}

/**
 * What an earlier attempt left: live files whose Parquet is whole, and what is not whole. Names without an owner
 * are those of older versions.
 */
function removeLeftovers(tape: string): void {
  for (const table of Object.keys(TABLES) as TableName[])
    for (const { lane, state } of tableFiles(tape, table))
      if (state === 'sealed') rmSync(tableFile(tape, table, lane, 'live'), { force: true })
  for (const name of readdirSync(tape))
    if (/^run\.json\.tmp$|\.parquet(\.\d+)?\.tmp$/.test(name)) rmSync(join(tape, name))
  removeAbandoned(tape)
}
