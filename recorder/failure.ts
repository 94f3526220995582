/** Why a request failed without a whole answer: the closed list that `error` events carry. */
export const FAILURE_CODES = [
  'timeout',
  'connect_error',
  'dns_error',
  'tls_error',
  'broken_stream',
  'cancelled',
  'client_error',
] as const
export type FailureCode = (typeof FAILURE_CODES)[number]

export type Failure = { code: FailureCode; detail: string }

const CODES: Record<string, FailureCode> = {
  ECONNREFUSED: 'connect_error',
  EHOSTUNREACH: 'connect_error',
  ENETUNREACH: 'connect_error',
  EADDRNOTAVAIL: 'connect_error',
  EMFILE: 'connect_error',
  ENFILE: 'connect_error',
  EACCES: 'connect_error',
  EPERM: 'connect_error',
  UND_ERR_CONNECT_TIMEOUT: 'connect_error',
  TOKENTAPE_CONNECT_TIMEOUT: 'connect_error',
  ENOTFOUND: 'dns_error',
  EAI_AGAIN: 'dns_error',
  EAI_FAIL: 'dns_error',
  ECONNRESET: 'broken_stream',
  EPIPE: 'broken_stream',
  UND_ERR_SOCKET: 'broken_stream',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'broken_stream',
  TOKENTAPE_CLOSED: 'broken_stream',
  TOKENTAPE_MALFORMED: 'broken_stream',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'client_error',
  ETIMEDOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  TOKENTAPE_TIMEOUT: 'timeout',
  TOKENTAPE_STOPPED: 'cancelled',
}

/** Why the recorder gave a request up: the closed list that `cancel` events carry. */
export const CANCEL_REASONS = {
  planned: 'cancelled as planned by --request-cancellation-rate',
  grace: "not answered within the phase's grace period",
  stopped: 'stopped by the user',
  given_up: 'the run was given up',
  not_sent: 'the phase ended before it could be sent',
} as const
export type CancelReason = keyof typeof CANCEL_REASONS

/** The error that a request is given up with. */
export const cancelError = (reason: CancelReason): Error =>
  Object.assign(new Error(CANCEL_REASONS[reason]), { code: 'TOKENTAPE_STOPPED' })

/** The error that our own deadline aborts a request with. */
export const timeoutError = (what: string): Error =>
  Object.assign(new Error(what), { code: 'TOKENTAPE_TIMEOUT' })

/** The same, for the deadline of connecting. */
export const connectTimeoutError = (what: string): Error =>
  Object.assign(new Error(what), { code: 'TOKENTAPE_CONNECT_TIMEOUT' })

/**
 * What an error of the HTTP client says about the server or the network.
 *
 * Matched on stable codes, never on message text. `connected` tells a reset or a time-out while
 * connecting from one in mid-stream.
 */
export function failureOf(error: Error, connected: boolean): Failure {
  const { code = '', message } = rootOf(error)
  // Our own codes say no more than the message.
  const ours = code.startsWith('TOKENTAPE_')
  const detail = code && !ours && !message.includes(code) ? `${code}: ${message}` : message
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code))
    return { code: 'tls_error', detail }
  if (error.name === 'HTTPParserError') return { code: 'broken_stream', detail }
  const known = CODES[code] ?? 'client_error'
  const inStream = known === 'broken_stream' || known === 'timeout'
  return { code: inStream && !connected ? 'connect_error' : known, detail }
}

// Happy-eyeballs connects fail with an AggregateError: its first part names the cause.
function rootOf(error: Error & { code?: string; errors?: Error[] }): Error & { code?: string } {
  const first = error.errors?.[0]
  if (first) return rootOf(first)
  return error
}
