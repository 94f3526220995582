import { createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { finished } from 'node:stream/promises'

/** What really happened to one request. Instants are CLOCK_MONOTONIC ns, taken just before the write. */
export type Truth = {
  request: number
  x_request_id: string | null
  received_ns: number
  headers_ns: number | null
  /** One per message that carried tokens. */
  token_ns: number[]
  /** When each of them was due. */
  due_ns: number[]
  done_ns: number | null
  client_closed_ns: number | null
  prompt_tokens: number
  completion_tokens: number
  /** Prompt tokens that the engine's prefix cache had; only with an engine. */
  cached_tokens?: number
  outcome: string
}

/** The truth of a request that has just come. */
export const truthOf = (
  request: number,
  { headers }: IncomingMessage,
  receivedNs: number,
  promptTokens: number,
): Truth => ({
  request,
  x_request_id: (headers['x-request-id'] as string) ?? null,
  received_ns: receivedNs,
  headers_ns: null,
  token_ns: [],
  due_ns: [],
  done_ns: null,
  client_closed_ns: null,
  prompt_tokens: promptTokens,
  completion_tokens: 0,
  outcome: 'ok',
})

/** Appends a JSON line per request, and at the end one with the server's own lateness. */
export function truthLog(path: string) {
  const file = createWriteStream(path)
  const lateNs: number[] = []
  return {
    add(truth: Truth): void {
      for (const [i, ns] of truth.token_ns.entries()) lateNs.push(ns - truth.due_ns[i]!)
      file.write(`${JSON.stringify(truth)}\n`)
    },
    async close(): Promise<void> {
      lateNs.sort((a, b) => a - b)
      const us = (q: number): number | null =>
        lateNs.length === 0 ? null : Math.round(lateNs[Math.floor(q * (lateNs.length - 1))]! / 1e3)
      const summary = { late_p50_us: us(0.5), late_p99_us: us(0.99), late_max_us: us(1) }
      file.end(`${JSON.stringify({ summary: true, events: lateNs.length, ...summary })}\n`)
      await finished(file)
    },
  }
}

export type TruthLog = ReturnType<typeof truthLog>
