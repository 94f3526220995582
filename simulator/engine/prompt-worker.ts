import { parentPort, workerData } from 'node:worker_threads'
import { findTokenizer } from '../../schemas/tokenizer.ts'
import { type Ask, textsOf } from '../wire.ts'
import { wordFor } from '../words.ts'
import { blockHashes } from './block-hashes.ts'

// Reads requests beside the thread that streams: a prompt of 100,000 tokens takes longer to count than
// a step of the engine.

export type PromptWorkerData = {
  tokenizer: string
  blockSize: number
  outputTokens: number
  maxModelLen: number
}
export type PromptJob = { ordinal: number; body: Uint8Array }
/** A request as the engine needs it; null where the body is not a JSON object. */
export type PromptRead = {
  ordinal: number
  read: {
    /** The request without its prompt. */
    ask: Omit<Ask, 'messages' | 'prompt'>
    promptTokens: number
    /** Of prompt and answer, where each word of the answer is one token; else of the prompt. */
    hashes: Float64Array
  } | null
}

const { tokenizer: name, blockSize, outputTokens, maxModelLen } = workerData as PromptWorkerData
const tokenizer = findTokenizer(name)

parentPort!.on('message', ({ ordinal, body }: PromptJob) => {
  const ask = parsed(body)
  if (!ask) {
    parentPort!.postMessage({ ordinal, read: null } satisfies PromptRead)
    return
  }
  const { messages: _m, prompt: _p, ...rest } = ask
  const ids = textsOf(ask).flatMap(text => tokenizer.encode(text))
  const promptTokens = ids.length
  const nAnswer = ask.max_completion_tokens ?? ask.max_tokens ?? outputTokens
  if (promptTokens + nAnswer <= maxModelLen) {
    const words = Array.from({ length: nAnswer }, (_, i) => wordFor(ordinal, i))
    const answer = tokenizer.encode(words.join(''))
    if (answer.length === nAnswer) for (const id of answer) ids.push(id)
  }
  const hashes = blockHashes(ids, blockSize)
  const answered = { ordinal, read: { ask: rest, promptTokens, hashes } } satisfies PromptRead
  parentPort!.postMessage(answered)
})

function parsed(body: Uint8Array): Ask | undefined {
  try {
    const ask: unknown = JSON.parse(
      Buffer.from(body.buffer, body.byteOffset, body.length).toString(),
    )
    return typeof ask === 'object' && ask !== null ? (ask as Ask) : undefined
  } catch {
    return undefined
  }
}
