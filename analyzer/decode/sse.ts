/** What a stream of server-sent events says, one call a message. The bytes are valid during the call. */
export type SseSink = {
  /** The data of an event, several `data:` lines joined by a line feed, and its name or ''. */
  message(bytes: Buffer, start: number, end: number, event: string): void
  /** A comment line, which servers send to keep a connection open. */
  comment(): void
  /** A line of no field that the standard has, which it says to pass over: also what broke into a stream. */
  stray(bytes: Buffer, start: number, end: number): void
}

export type SseParser = {
  feed(bytes: Buffer, start: number, end: number): void
  /** The stream is complete: a last message without a blank line counts, as servers do send it. */
  finish(): void
  /** Whether the next byte begins a new event. */
  idle(): boolean
}

const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58
const NOTHING = Buffer.alloc(0)

/**
 * Parses server-sent events incrementally, over bytes, so that a message or a character may be
 * split anywhere between reads.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html, except for `finish`
 */
export function sseParser(sink: SseSink): SseParser {
  /** Pieces of a line whose end has not come yet. */
  let partial: Buffer[] = []
  let data: Buffer | undefined
  let dataStart = 0
  let dataEnd = 0
  let event = ''
  let skipLf = false
  let first = true

  const addData = (bytes: Buffer, start: number, end: number): void => {
    if (data) {
      const joined = [data.subarray(dataStart, dataEnd), LINE_FEED, bytes.subarray(start, end)]
      data = Buffer.concat(joined)
      dataStart = 0
      dataEnd = data.length
      return
    }
    data = bytes
    dataStart = start
    dataEnd = end
  }

  const field = (bytes: Buffer, start: number, end: number): void => {
    if (bytes[start] === COLON) {
      sink.comment()
      return
    }
    const known = isWord(bytes, start, end, DATA)
      ? DATA
      : isWord(bytes, start, end, EVENT)
        ? EVENT
        : 0
    if (!known) {
      if (!isWord(bytes, start, end, ID) && !isWord(bytes, start, end, RETRY))
        sink.stray(bytes, start, end)
      return
    }
    let from = Math.min(end, start + known.length + 1)
    if (from < end && bytes[from] === SPACE) from++
    if (known === DATA) addData(bytes, from, end)
    else event = bytes.toString('utf8', from, end)
  }

  const dispatch = (): void => {
    if (data) sink.message(data, dataStart, dataEnd, event)
    data = undefined
    event = ''
  }

  const line = (bytes: Buffer, start: number, end: number): void => {
    let from = start
    if (first) {
      first = false
      if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) from += 3
    }
    if (from === end) dispatch()
    else field(bytes, from, end)
  }

  const endLine = (bytes: Buffer, start: number, end: number): void => {
    if (partial.length === 0) {
      line(bytes, start, end)
      return
    }
    const whole = Buffer.concat([...partial, bytes.subarray(start, end)])
    partial = []
    line(whole, 0, whole.length)
  }

  return {
    feed(bytes, start, end) {
      if (start === end) return
      let from = start
      if (skipLf && bytes[from] === LF) from++
      skipLf = false
      for (let i = from; i < end; i++) {
        const byte = bytes[i]!
        if (byte > CR || (byte !== LF && byte !== CR)) continue
        endLine(bytes, from, i)
        if (byte === CR) {
          if (i + 1 === end) skipLf = true
          else if (bytes[i + 1] === LF) i++
        }
        from = i + 1
      }
      // The caller's bytes go away after this call.
      if (from < end) partial.push(Buffer.from(bytes.subarray(from, end)))
      if (data === bytes) {
        data = Buffer.from(bytes.subarray(dataStart, dataEnd))
        dataStart = 0
        dataEnd = data.length
      }
    },
    finish() {
      if (partial.length > 0) endLine(NOTHING, 0, 0)
      dispatch()
    },
    idle: () => partial.length === 0 && !data && event === '' && !skipLf && !first,
  }
}

const LINE_FEED = Buffer.from('\n')
const DATA = Buffer.from('data')
const EVENT = Buffer.from('event')
const ID = Buffer.from('id')
const RETRY = Buffer.from('retry')

/** Whether the line is that field's: its name, then a colon or the line's end. */
function isWord(bytes: Buffer, start: number, end: number, word: Buffer): boolean {
  const stop = start + word.length
  if (stop > end || (stop < end && bytes[stop] !== COLON)) return false
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false
  return true
}
