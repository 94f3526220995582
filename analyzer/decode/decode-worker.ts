import { parentPort, workerData } from 'node:worker_threads'
import { DuckDBInstance } from '@duckdb/node-api'
import { arrowScan } from '../../schemas/arrow-scan.ts'
import { reasonOf } from '../../schemas/errors.ts'
import { systemFault } from '../../schemas/system-fault.ts'
import { findTokenizer } from '../../schemas/tokenizer.ts'
import type { WorkerJob, WorkerReply } from './decode-all.ts'
import { decodeTo } from './decode-to.ts'
import { MESSAGES } from './messages-table.ts'

/** Decodes one file in a thread and a database of its own, and says how it went. */
async function decode({ scratch, tokenizer, ...job }: WorkerJob): Promise<WorkerReply> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: '512MB',
    temp_directory: scratch,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  let stopped = false
  parentPort!.on('message', () => {
    stopped = true
    connection.interrupt()
  })
  try {
    connection.registerTableFunction(arrowScan(new Map(), { messages: MESSAGES }))
    const counter = tokenizer && findTokenizer(tokenizer.id)
    if (counter && counter.digest !== tokenizer.digest)
      throw new Error(`the tokenizer ${tokenizer.id} changed while it was read`)
    await decodeTo({ ...job, tokenizer: counter }, connection, () => stopped)
    return {}
  } catch (error) {
    // A thread hands on words, not errors: what the system refuses is put into the user's here.
    const fault = systemFault(error)
    return fault ? { failed: fault.message, hint: fault.hint } : { failed: reasonOf(error) }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

parentPort!.postMessage(await decode(workerData as WorkerJob))
