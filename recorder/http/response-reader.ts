/** What a reader says of an answer. */
export type ResponseEvents = {
  /** The final head (1xx are passed over); names in lower case, repeated ones joined by `, `. */
  head(status: number, headers: Record<string, string>): void
  /** Body bytes, without framing: a view that is good during the call only. */
  body(bytes: Buffer): void
  /** The answer is whole. */
  end(): void
}

/** An answer that is not HTTP/1.1: its code is stable, its message is for people. */
export const malformed = (what: string): Error =>
  Object.assign(new Error(what), { code: 'TOKENTAPE_MALFORMED' })

/** Longest head, all trailers of an answer, and the longest line of a chunk, bytes. */
const MAX_HEAD_BYTES = 64 * 1024
const MAX_TRAILER_BYTES = 64 * 1024
const MAX_LINE_BYTES = 4 * 1024
const MAX_HEADER_LINES = 256
/** Answers of status 1xx before the one that counts. */
const MAX_INFORMATIONAL = 16

const LF = 10
const CR = 13

/** Where a reader stands. `line` is the CRLF behind a chunk's bytes. */
type State = 'head' | 'size' | 'chunk' | 'line' | 'trailers' | 'counted' | 'until-close' | 'whole'

export type ResponseReader = ReturnType<typeof responseReader>

/**
 * Reads the framing of HTTP/1.1 answers (RFC 9112) to POST requests on one connection, wherever the
 * network cut them. Nothing is copied but heads and cut lines, and no object is made for a chunk but
 * the view of its bytes.
 *
 * Stricter than needed where two readers could disagree on where an answer ends: both lengths at once,
 * unequal lengths, an unknown transfer coding and signs in sizes are refused.
 */
export function responseReader(on: ResponseEvents) {
  let state: State = 'whole'
  /** A head or a line of which the end has not come yet. */
  let held = ''
  /** Bytes of the chunk or of the counted body that are still to come. */
  let left = 0
  let keepAlive = true
  /** Lines of the head that is being read, empty ones too. */
  let headLines = 0
  let informational = 0
  let trailerBytes = 0
  let bytesSinceExpect = 0

  const start = (next: State): void => {
    state = next
    held = ''
    keepAlive = true
    headLines = 0
    informational = 0
    trailerBytes = 0
    bytesSinceExpect = 0
  }
  const line = (bytes: Buffer, at: number, end: number, maxBytes: number): number => {
    const lf = bytes.indexOf(LF, at)
    const stop = lf === -1 || lf >= end ? end : lf + 1
    held += bytes.toString('latin1', at, stop)
    if (held.length > maxBytes) throw malformed(`a line of more than ${maxBytes} bytes`)
    return stop
  }
  const lineIsWhole = (): boolean => held.endsWith('\n')
  const takeLine = (): string => {
    const text = held.replace(/\r?\n$/, '')
    held = ''
    return text
  }

  /** The size of a chunk whose line lies whole in this read; -1 where it does not, or has more to it. */
  const sizeAt = (bytes: Buffer, at: number, end: number): number => {
    let size = 0
    let i = at
    for (; i < end && i < at + 8; i++) {
      const digit = HEX[bytes[i]!]!
      if (digit < 0) break
      size = size * 16 + digit
    }
    if (i === at || i + 1 >= end || bytes[i] !== CR || bytes[i + 1] !== LF) return -1
    left = size
    return i + 2
  }

  const begin = (text: string): void => {
    const [first = '', ...lines] = text.split(/\r?\n/)
    const match = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first)
    if (!match)
      throw malformed(`not an HTTP/1.1 status line: ${JSON.stringify(first.slice(0, 80))}`)
    const status = Number(match[2])
    if (status === 101) throw malformed('the server switched protocols, which was not asked for')
    if (status < 200) {
      if (++informational > MAX_INFORMATIONAL)
        throw malformed(`more than ${MAX_INFORMATIONAL} answers of status 1xx`)
      return
    }
    const headers = headersOf(lines)
    const connection = tokensOf(headers['connection'])
    keepAlive = match[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive')
    const codings = tokensOf(headers['transfer-encoding'])
    const length = headers['content-length']
    if (codings.length > 0 && length !== undefined)
      throw malformed('both content-length and transfer-encoding')
    if (codings.length > 1 || (codings.length === 1 && codings[0] !== 'chunked'))
      throw malformed(`transfer-encoding ${JSON.stringify(headers['transfer-encoding'])}`)
    left = 0
    if (status === 204 || status === 304) state = 'counted'
    else if (codings.length === 1) state = 'size'
    else if (length !== undefined) {
      left = lengthOf(length)
      state = 'counted'
    } else {
      state = 'until-close'
      keepAlive = false
    }
    on.head(status, headers)
  }
  const finish = (): void => {
    state = 'whole'
    on.end()
  }

  return {
    /** A request was sent: its answer is next. False, and nothing changes, where another is still awaited. */
    expect(): boolean {
      if (state !== 'whole') return false
      start('head')
      return true
    },
    /** The connection is a new one: nothing is expected on it yet. */
    reset: (): void => start('whole'),
    /**
     * The first `end` bytes of `bytes` have come. Returns false where bytes came that no answer holds: the
     * connection must not be used again.
     *
     * @throws an error with code `TOKENTAPE_MALFORMED`
     */
    read(bytes: Buffer, end: number): boolean {
      bytesSinceExpect += end
      let at = 0
      while (at < end) {
        if (state === 'chunk' || state === 'counted') {
          const taken = Math.min(left, end - at)
          left -= taken
          const from = at
          at += taken
          if (left === 0 && state === 'chunk') state = 'line'
          if (taken > 0) on.body(bytes.subarray(from, at))
          if (left === 0 && state === 'counted') {
            if (at < end) keepAlive = false
            finish()
          }
        } else if (state === 'line') {
          if (held === '' && end - at >= 2 && bytes[at] === CR && bytes[at + 1] === LF) at += 2
          else {
            at = line(bytes, at, end, 2)
            if (!lineIsWhole()) continue
            if (takeLine() !== '') throw malformed('a chunk is longer than its size')
          }
          state = 'size'
        } else if (state === 'size') {
          const next = held === '' ? sizeAt(bytes, at, end) : -1
          if (next === -1) {
            at = line(bytes, at, end, MAX_LINE_BYTES)
            if (!lineIsWhole()) continue
            left = chunkSizeOf(takeLine())
          } else at = next
          state = left === 0 ? 'trailers' : 'chunk'
        } else if (state === 'trailers') {
          const from = at
          at = line(bytes, at, end, MAX_LINE_BYTES)
          trailerBytes += at - from
          if (trailerBytes > MAX_TRAILER_BYTES)
            throw malformed(`more than ${MAX_TRAILER_BYTES} bytes of trailers`)
          if (!lineIsWhole() || takeLine() !== '') continue
          if (at < end) keepAlive = false
          finish()
        } else if (state === 'head') {
          at = line(bytes, at, end, MAX_HEAD_BYTES)
          if (!lineIsWhole()) continue
          // The status line and the empty line at the end are not headers.
          if (++headLines > MAX_HEADER_LINES + 2)
            throw malformed(`a head of more than ${MAX_HEADER_LINES} lines`)
          if (held === '\n' || held === '\r\n') held = ''
          if (!held.endsWith('\n\n') && !held.endsWith('\n\r\n')) continue
          const head = held.replace(/\r?\n\r?\n$/, '')
          held = ''
          headLines = 0
          begin(head)
          if ((state as State) === 'counted' && left === 0) {
            if (at < end) keepAlive = false
            finish()
          }
        } else if (state === 'until-close') {
          on.body(bytes.subarray(at, end))
          at = end
        } else return false
      }
      return true
    },
    /** The server has closed. Returns whether an answer was thereby cut short. */
    closed(): boolean {
      if (state === 'until-close') finish()
      return state !== 'whole'
    },
    /** Whether the connection may carry another request, once an answer is whole. */
    reusable: (): boolean => state === 'whole' && keepAlive,
    /** What has begun to come and is not whole: a head (of a 1xx, too), or trailers after the last chunk. */
    unfinished(): 'head' | 'trailers' | null {
      if (state === 'trailers') return 'trailers'
      return state === 'head' && (headLines > 0 || held !== '') ? 'head' : null
    },
    /** Bytes that have come since the request was sent, of whatever kind. */
    bytesSinceExpect: (): number => bytesSinceExpect,
  }
}

const HEX = new Int8Array(256).fill(-1)
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  HEX[digit.charCodeAt(0)] = value
  HEX[digit.toUpperCase().charCodeAt(0)] = value
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (const text of lines) {
    const colon = text.indexOf(':')
    const name = text.slice(0, colon).toLowerCase()
    if (colon < 1 || !/^[!#$%&'*+\-.^_`|~\w]+$/.test(name))
      throw malformed(`not a header: ${JSON.stringify(text.slice(0, 80))}`)
    const value = text.slice(colon + 1).trim()
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  return headers
}

const tokensOf = (value: string | undefined): string[] =>
  (value ?? '')
    .toLowerCase()
    .split(',')
    .map(token => token.trim())
    .filter(token => token !== '')

// Repeated and equal is allowed (RFC 9112 6.3); anything else could be read in two ways.
function lengthOf(value: string): number {
  const [length = '', ...more] = value.split(',').map(each => each.trim())
  if (!/^\d{1,15}$/.test(length) || more.some(each => each !== length))
    throw malformed(`content-length ${JSON.stringify(value)}`)
  return Number(length)
}

function chunkSizeOf(text: string): number {
  const match = /^([0-9a-f]{1,13})[ \t]*(?:;.*)?$/i.exec(text)
  if (!match) throw malformed(`not a chunk size: ${JSON.stringify(text.slice(0, 80))}`)
  return Number.parseInt(match[1]!, 16)
}
