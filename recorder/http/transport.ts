import type { ConnectionOptions } from 'node:tls'
import type { Ns } from '../../schemas/units.ts'

export type HttpClient = 'onread' | 'undici'

/** What a slot asks a transport to send. */
export type Request = { path: string; requestId: string; body: Uint8Array }

/**
 * What a transport says of one request, in this order; `end` or `error` comes once, last.
 *
 * Most of it comes from within the callback of a read: stamp and log, and put off all else until the read has
 * returned (`after-reads.ts`). What throws in `head` breaks the request off with that error.
 */
export type AnswerEvents = {
  /** A connection was opened for this request. */
  connected(): void
  /** A connection is there and the request is about to be written. */
  begun(): void
  /** The last byte of the request was handed to the socket. */
  bodySent(): void
  head(status: number, headers: Record<string, string | string[] | undefined>): void
  /** Body bytes without framing; they are good during the call only. */
  body(bytes: Buffer): void
  end(): void
  /** `untouched`: the server closed or reset the connection, and no byte came since the request was written. */
  error(error: Error, untouched: boolean): void
}

/** When the latest socket read came, and which it was: bytes with the same number came in one read. */
export type ReadStamp = { readNs: Ns; readSeq: number }

/** The connection of one slot: one request at a time, opened when there is none. */
export type Transport = {
  /** Opens the connection ahead, so that its set-up does not stand in the first request's time. */
  warm(): Promise<boolean>
  send(request: Request, on: AnswerEvents): void
  /** Ends the request in flight with this error; where there is none, nothing happens to any. */
  abort(reason: Error): void
  /** What of an answer has begun to come and is not whole, where the transport knows it. */
  unfinished(): 'head' | 'trailers' | null
  /** Closes the connection, or gives up opening it: the next request opens a new one. */
  hangUp(): void
  close(): void
}

/** Makes the transport of one slot; the lane's slots share a maker, and with it a receive buffer. */
export type TransportMaker = (url: URL, stamp: ReadStamp) => Transport

/** `headers` are those that every request has. */
export type TransportParts = {
  nowNs: () => Ns
  tls: ConnectionOptions
  headers: Record<string, string>
  /** Bytes came that no request had asked for; the connection is closed. */
  unasked(): void
}

/** Both transports drop a connection that was idle for longer, before its server does; ms. */
export const KEEP_ALIVE_MS = 4000

/** Codes of errors that say that the server closed or reset a connection. */
const CLOSED_BY_SERVER = ['ECONNRESET', 'EPIPE', 'TOKENTAPE_CLOSED', 'UND_ERR_SOCKET']

export const closedByServer = (error: Error): boolean =>
  CLOSED_BY_SERVER.includes((error as NodeJS.ErrnoException).code ?? '')
