import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { EXIT, reasonOf, UserError } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { readManifest, tableFile, tableFiles, writeManifest } from '../schemas/tape.ts'
import { writerOf } from './seal-guard.ts'

/** What sealing found in one live file. */
export type SealedFile = {
  table: TableName
  lane: number
  rows: number
  bytes: number
  /** Why the end of the live file was left out; absent when it was whole. */
  torn?: string
}

export type SealResult = { files: SealedFile[]; elapsedMs: number; peakRssBytes: number }

/** A live file to be sealed: `temporary` is written and synced before it is renamed to `sealed`. */
export type SealJob = {
  table: TableName
  lane: number
  live: string
  temporary: string
  sealed: string
}

/** What the worker says: a file is whole on disk under its temporary name, or why it cannot be. */
export type FromSealer = { done: SealedFile; rss: number } | { failed: string }

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
    } catch (error) {
      throw new UserError(
        `${tape}: cannot seal: ${reasonOf(error)}`,
        `free the disk, then type: tokentape seal ${tape}; until then it is readable as it is`,
        EXIT.noTape,
      )
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

/** Runs the jobs in a worker; each file is put in its place as it is done. Returns the peak RSS. */
function runJobs(
  tape: string,
  manifest: Manifest,
  jobs: SealJob[],
  sealed: (file: SealedFile) => void,
): Promise<number> {
  const metadata = {
    tokentape_format_version: String(manifest.format_version),
    run_id: manifest.run_id,
    started_at_unix_ns: manifest.started_at_unix_ns,
    monotonic_zero_ns: manifest.monotonic_zero_ns,
  }
  const worker = new Worker(new URL('./seal-worker.js', import.meta.url), {
    workerData: { jobs, metadata },
  })
  const left = [...jobs]
  let peakRssBytes = 0
  return new Promise<number>((resolve, reject) => {
    worker.on('message', (message: FromSealer) => {
      try {
        if ('failed' in message) throw new Error(message.failed)
        const job = left.shift()!
        renameSync(job.temporary, job.sealed)
        syncDirectory(tape)
        rmSync(job.live)
        peakRssBytes = Math.max(peakRssBytes, message.rss)
        sealed(message.done)
      } catch (error) {
        reject(error)
        void worker.terminate()
      }
    })
    worker.on('error', reject)
    worker.on('exit', code => {
      if (left.length === 0) resolve(peakRssBytes)
      else reject(new Error(`the sealing thread ended with exit code ${code}`))
    })
  })
}

/** What an earlier attempt left: live files whose Parquet is whole, and Parquet that is not. */
function removeLeftovers(tape: string): void {
  for (const table of Object.keys(TABLES) as TableName[])
    for (const { lane, state } of tableFiles(tape, table))
      if (state === 'sealed') rmSync(tableFile(tape, table, lane, 'live'), { force: true })
  for (const name of readdirSync(tape))
    if (/\.parquet(\.\d+)?\.tmp$/.test(name)) rmSync(join(tape, name))
}

/** A rename is on the disk when its directory is. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
