import { existsSync, renameSync, rmSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { UserError } from '../schemas/errors.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { readManifest, tableFile, tableFiles, writeManifest } from '../schemas/tape.ts'

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

/**
 * Converts the live files of a tape to Parquet, one after another, in bounded memory.
 *
 * At every instant each lane has either its whole live file or its whole Parquet file: the latter is
 * written beside, synced and renamed before the former goes. Sealing a sealed tape does nothing.
 * DuckDB is loaded in a worker of this process, and only now.
 */
export async function sealTape(
  tape: string,
  facts: { endedNs?: number; outcome?: 'completed' | 'interrupted' | 'failed' } = {},
): Promise<SealResult> {
  const manifest = readManifest(tape)
  const started = performance.now()
  const jobs = (Object.keys(TABLES) as TableName[]).flatMap(table =>
    tableFiles(tape, table).map(({ lane, path, state }) => ({
      table,
      lane,
      live: tableFile(tape, table, lane, 'live'),
      sealed: tableFile(tape, table, lane, 'sealed'),
      done: state === 'sealed',
      path,
    })),
  )
  const files: SealedFile[] = []
  let peakRssBytes = 0
  const pending = jobs.filter(job => !job.done)
  if (pending.length > 0) {
    const worker = new Worker(new URL('./seal-worker.js', import.meta.url), {
      workerData: {
        jobs: pending,
        metadata: {
          tokentape_format_version: String(manifest.format_version),
          run_id: manifest.run_id,
          started_at_unix_ns: manifest.started_at_unix_ns,
          monotonic_zero_ns: manifest.monotonic_zero_ns,
        },
      },
    })
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: { sealed?: SealedFile; failed?: string; rss?: number }) => {
        peakRssBytes = Math.max(peakRssBytes, message.rss ?? 0)
        if (message.failed)
          reject(
            new UserError(
              `${tape}: cannot seal: ${message.failed}`,
              `free the disk, then type: tokentape seal ${tape}; until then it is readable as it is`,
              3,
            ),
          )
        const { sealed } = message
        if (!sealed) return
        files.push(sealed)
        const job = pending.find(
          ({ table, lane }) => table === sealed.table && lane === sealed.lane,
        )!
        renameSync(`${job.sealed}.tmp`, job.sealed)
        rmSync(job.live)
      })
      worker.on('error', reject)
      worker.on('exit', () => resolve())
    })
  }
  for (const { live, sealed } of jobs) if (existsSync(sealed)) rmSync(live, { force: true })
  writeManifest(tape, {
    ...manifest,
    state: 'sealed',
    ...(facts.endedNs === undefined ? {} : { ended_ns: facts.endedNs }),
    ...(facts.outcome === undefined ? {} : { outcome: facts.outcome }),
  })
  return { files, elapsedMs: performance.now() - started, peakRssBytes }
}
