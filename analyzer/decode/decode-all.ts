import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { DuckDBConnection } from '@duckdb/node-api'
import { UserError } from '../../schemas/errors.ts'
import type { TableFiles } from '../../schemas/tape.ts'
import { type DecodeJob, decodeTo } from './decode-to.ts'

/** What a worker is told. It finds the tokenizer itself: functions do not travel. */
export type WorkerJob = {
  source: TableFiles
  target: string
  tokenizer: { id: string; digest: string } | undefined
  origin: string
  /** Where its database may put what does not fit into memory. */
  scratch: string
}
export type WorkerReply = { failed?: string; hint?: string }

/** Sources are run without a build (by tests): there, no worker file lies beside this one. */
const IS_BUILT = import.meta.url.endsWith('.js')

/**
 * Decodes files, as many at once as there are cores, each in a thread of its own. Memory is bounded by
 * what one decoder holds, times the cores.
 *
 * A single file is decoded in this thread: a worker would only add its start.
 */
export async function decodeAll(
  jobs: DecodeJob[],
  connection: DuckDBConnection,
  scratch: string,
): Promise<void> {
  if (!IS_BUILT || jobs.length === 1 || availableParallelism() === 1) {
    for (const job of jobs) await decodeTo(job, connection)
    return
  }
  const waiting = [...jobs]
  const running = new Set<Worker>()
  let failure: unknown
  const next = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift())
      await inWorker(job, scratch, running).catch(error => {
        failure ??= error
        // The others stop: their files would be thrown away. By themselves, since a thread that is ended
        // while DuckDB works for it takes the whole process with it.
        waiting.length = 0
        for (const worker of running) worker.postMessage('stop')
      })
  }
  await Promise.all(
    Array.from({ length: Math.min(jobs.length, availableParallelism()) }, () => next()),
  )
  if (failure !== undefined) throw failure
}

async function inWorker(
  { source, target, tokenizer, origin }: DecodeJob,
  scratch: string,
  running: Set<Worker>,
): Promise<void> {
  const job: WorkerJob = {
    source,
    target,
    tokenizer: tokenizer && { id: tokenizer.id, digest: tokenizer.digest },
    origin,
    scratch,
  }
  const worker = new Worker(new URL('./decode-worker.js', import.meta.url), { workerData: job })
  running.add(worker)
  try {
    const [{ failed, hint }] = (await Promise.race([
      once(worker, 'message'),
      once(worker, 'exit').then(() => [{ failed: 'a decoder ended without a word' }]),
    ])) as [WorkerReply]
    // It has closed its database by then.
    await worker.terminate()
    if (failed && hint) throw new UserError(failed, hint)
    if (failed) throw new Error(failed)
  } finally {
    running.delete(worker)
  }
}
