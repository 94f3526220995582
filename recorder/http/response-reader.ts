import { checkTrailer, chunkSizeOf, malformed, responseHead } from './response-head.ts'

/** What a reader says of an answer. */
export type ResponseEvents = {
  /** The final head (1xx are passed over); names in lower case, repeated ones joined by `, `. */
  head(status: number, headers: Record<string, string>): void
  /** Body bytes, without framing: a view that is good during the call only. */
  body(bytes: Buffer): void
  /** The answer is whole. */
  end(): void
}

/** Longest head, all trailers of an answer, and the longest line of a chunk, bytes. */
const MAX_HEAD_BYTES = 64 * 1024
const MAX_TRAILER_BYTES = 64 * 1024
const MAX_LINE_BYTES = 4 * 1024
const MAX_HEADER_LINES = 256
/** Answers of status 1xx before the one that counts. */
export const MAX_INFORMATIONAL = 16

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
 * As strict as the others that it is fuzzed against (`test/bench/fuzz-reader.ts`), and stricter where two readers
 * could disagree on where an answer ends: `test/bench/fuzz/rules.ts` lists in what.
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
  /** Whether the end of the line that is held has come. */
  const lineIsWhole = (): boolean => {
    if (!held.endsWith('\n')) return false
    if (!held.endsWith('\r\n')) throw malformed('a line that ends without CR')
    return true
  }
  const takeLine = (): string => {
    const text = held.slice(0, -2)
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
    const head = responseHead(text.split('\r\n'))
    if (head.status < 200) {
      if (++informational > MAX_INFORMATIONAL)
        throw malformed(`more than ${MAX_INFORMATIONAL} answers of status 1xx`)
      return
    }
    keepAlive = head.keepAlive
    left = head.length
    state = head.framing === 'chunked' ? 'size' : head.framing
    on.head(head.status, head.headers)
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
          if (!lineIsWhole()) continue
          const trailer = takeLine()
          if (trailer !== '') checkTrailer(trailer)
          else {
            if (at < end) keepAlive = false
            finish()
          }
        } else if (state === 'head') {
          at = line(bytes, at, end, MAX_HEAD_BYTES)
          // Empty lines before a head are passed over, of whatever end.
          if (held === '\n') held = '\r\n'
          if (!lineIsWhole()) continue
          // The status line and the empty line at the end are not headers.
          if (++headLines > MAX_HEADER_LINES + 2)
            throw malformed(`a head of more than ${MAX_HEADER_LINES} lines`)
          if (held === '\r\n') held = ''
          if (!held.endsWith('\r\n\r\n')) continue
          const head = held.slice(0, -4)
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
