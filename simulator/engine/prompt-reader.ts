import { Worker } from 'node:worker_threads'
import type { PromptJob, PromptRead, PromptWorkerData } from './prompt-worker.ts'

export type Read = NonNullable<PromptRead['read']>

/** Reads request bodies and counts their tokens in a worker thread, in the order in which they come. */
export function promptReader(data: PromptWorkerData) {
  const file = import.meta.url.endsWith('.ts') ? './prompt-worker.ts' : './prompt-worker.js'
  const worker = new Worker(new URL(file, import.meta.url), { workerData: data })
  const asked = new Map<number, (read: Read | null) => void>()
  worker.on('message', ({ ordinal, read }: PromptRead) => {
    const done = asked.get(ordinal)!
    asked.delete(ordinal)
    done(read)
  })
  worker.on('error', error => {
    throw error
  })
  return {
    /** @param done  gets the request, or null where the body is not a JSON object */
    read(ordinal: number, body: Buffer, done: (read: Read | null) => void): void {
      asked.set(ordinal, done)
      const copy = Uint8Array.from(body)
      worker.postMessage({ ordinal, body: copy } satisfies PromptJob, [copy.buffer])
    },
    close: (): Promise<unknown> => worker.terminate(),
  }
}

export type PromptReader = ReturnType<typeof promptReader>
