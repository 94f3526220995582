import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { readManifest, tableFile, tableFiles, writeManifest } from '../schemas/tape.ts'
import { writerOf } from './seal-guard.ts'
import { runJobs, type SealedFile, type SealJob, syncDirectory } from './seal-jobs.ts'

export type SealResult = { files: SealedFile[]; elapsedMs: number; peakRssBytes: number }

/**
 * Converts the live files of a tape to Parquet, one after another, in bounded memory.
 *
 * At every instant each lane has either its whole live file or its whole Parquet file: the latter is
 * written beside, synced, renamed and the directory synced before the former goes. Sealing a sealed
 * tape does nothing. DuckDB is loaded in a worker of this process, and only now.
 *
 * @throws UserError when another process is still writing it, or the disk is full
 */
export async function sealTape(
  tape: string,
  facts: { endedNs?: number; outcome?: Manifest['outcome'] } = {},
): Promise<SealResult> {
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
  if (manifest.state !== 'sealed' || facts.outcome !== undefined || files.length > 0) {
    writeManifest(tape, {
      ...manifest,
      state: 'sealed',
      ...(facts.endedNs === undefined ? {} : { ended_ns: facts.endedNs }),
      ...(facts.outcome === undefined ? {} : { outcome: facts.outcome }),
    })
    syncDirectory(tape)
  }
  return { files, elapsedMs: performance.now() - started, peakRssBytes }
}

/** The temporary file has the process's name in it: two that seal at once cannot take each other's. */
function jobsOf(tape: string): SealJob[] {
  return (Object.keys(TABLES) as TableName[]).flatMap(table =>
    tableFiles(tape, table)
      .filter(({ state }) => state === 'live')
      .map(({ lane, path }) => {
        const sealed = tableFile(tape, table, lane, 'sealed')
        return { table, lane, live: path, sealed, temporary: `${sealed}.${process.pid}.tmp` }
      }),
  )
}

/** What an earlier attempt left: live files whose Parquet is whole, and Parquet that is not. */
function removeLeftovers(tape: string): void {
  for (const table of Object.keys(TABLES) as TableName[])
    for (const { lane, state } of tableFiles(tape, table))
      if (state === 'sealed') rmSync(tableFile(tape, table, lane, 'live'), { force: true })
  for (const name of readdirSync(tape))
    if (/\.parquet(\.\d+)?\.tmp$/.test(name)) rmSync(join(tape, name))
}
