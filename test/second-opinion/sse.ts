/** Bytes that one read of the socket brought, and when. */
export type Read = { atNs: number; bytes: Buffer }

/** A message of an event stream, with the instant of the read that brought its last byte. */
export type SseMessage = { atNs: number; event: string; data: string }

const CR = 0x0d
const LF = 0x0a

/**
 * Reads an event stream as the HTML standard says (9.2.6), a byte at a time.
 *
 * A message is there with the byte that ends its blank line. Unlike a browser, which throws it away, we take a last
 * message without a blank line, where the answer came to its proper end: servers forget it.
 *
 * @param isWhole  whether the answer came to its proper end
 */
export function sseMessages(reads: Read[], isWhole: boolean): SseMessage[] {
  const messages: SseMessage[] = []
  let line: number[] = []
  let data: string[] = []
  let event = ''
  let afterCr = false

  const endMessage = (atNs: number): void => {
    if (data.length > 0) messages.push({ atNs, event, data: data.join('\n') })
    data = []
    event = ''
  }
  const endLine = (atNs: number): void => {
    const text = Buffer.from(line).toString('utf8')
    line = []
    if (text === '') endMessage(atNs)
    const colon = text.indexOf(':')
    const field = colon === -1 ? text : text.slice(0, colon)
    const value = colon === -1 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    if (field === 'event') event = value
  }
  for (const { atNs, bytes } of withoutByteOrderMark(reads))
    for (const byte of bytes) {
      const isLfOfCrLf = afterCr && byte === LF
      afterCr = byte === CR
      if (isLfOfCrLf) continue
      if (byte === CR || byte === LF) endLine(atNs)
      else line.push(byte)
    }
  const last = reads.at(-1)
  if (isWhole && last) {
    if (line.length > 0) endLine(last.atNs)
    endMessage(last.atNs)
  }
  return messages
}

function withoutByteOrderMark(reads: Read[]): Read[] {
  const mark = Buffer.from('\ufeff')
  if (
    !Buffer.concat(reads.map(({ bytes }) => bytes))
      .subarray(0, 3)
      .equals(mark)
  )
    return reads
  let left = mark.length
  return reads.map(({ atNs, bytes }) => {
    const skipped = Math.min(left, bytes.length)
    left -= skipped
    return { atNs, bytes: bytes.subarray(skipped) }
  })
}
