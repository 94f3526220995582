import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { EXIT, reasonOf, UserError } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { systemFault } from '../schemas/system-fault.ts'
import type { TableName } from '../schemas/tables.ts'
import { tapeGone } from '../schemas/tape.ts'
import { temporaryFolder } from '../schemas/temporary.ts'

/** What sealing found in one live file. */
export type SealedFile = {
  table: TableName
  lane: number
  rows: number
  bytes: number
  /** Of the Parquet file. */
  sha256: string
  /** Why the end of the live file was left out; absent when it was whole. */
  torn?: string
}

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

/** Runs the jobs in a worker; puts each file in its place as it is done. Returns the peak RSS in bytes. */
export function runJobs(
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
  const scratch = temporaryFolder()
  const worker = new Worker(new URL('./seal-worker.js', import.meta.url), {
    workerData: { jobs, metadata, scratch: scratch.path },
  })
  const left = [...jobs]
  let peakRssBytes = 0
  let failure: unknown
  worker.on('message', (message: FromSealer) => {
    try {
      if ('failed' in message) throw new Error(message.failed)
      const job = left.shift()!
      renameSync(job.temporary, job.sealed)
      syncDirectory(tape)
      rmSync(job.live, { force: true })
      peakRssBytes = Math.max(peakRssBytes, message.rss)
      sealed(message.done)
    } catch (error) {
      failure = cannotSeal(tape, error)
      void worker.terminate()
    }
  })
  worker.on('error', error => {
    failure ??= systemFault(error, { what: `${tape}: cannot seal`, exitCode: EXIT.noTape }) ?? error
  })
  return new Promise<number>((resolve, reject) => {
    worker.on('exit', code => {
      scratch.remove()
      if (failure === undefined && left.length > 0)
        failure = new Error(`the sealing thread ended with exit code ${code}`)
      if (failure === undefined) resolve(peakRssBytes)
      else reject(failure)
    })
  })
}

const cannotSeal = (tape: string, error: unknown): UserError =>
  existsSync(tape)
    ? new UserError(
        `${tape}: cannot seal: ${reasonOf(error)}`,
        `free the disk, then type: tokentape seal ${tape}; until then it is readable as it is`,
        EXIT.noTape,
      )
    : tapeGone(tape, EXIT.noTape)

/** A rename is on the disk when its directory is. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
