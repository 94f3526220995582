import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Api } from './wire.ts'

/** A request to one of the two inference paths, whole and allowed. */
export type Exchange = {
  api: Api
  request: IncomingMessage
  response: ServerResponse
  body: Buffer
  /** When its head was read, CLOCK_MONOTONIC ns. */
  startNs: number
}

/** What answers: drawn times, an engine, or a tape. */
export type Backend = {
  answer(exchange: Exchange): void
  /** The `/metrics` page. */
  metricsText(): string
  close(): Promise<unknown>
}
