/** An answer that is not HTTP/1.1: its code is stable, its message is for people. */
export const malformed = (what: string): Error =>
  Object.assign(new Error(what), { code: 'TOKENTAPE_MALFORMED' })

/** What a head says of the body behind it. */
export type ResponseHead = {
  status: number
  /** Names in lower case, repeated ones joined by `, `. */
  headers: Record<string, string>
  keepAlive: boolean
  framing: 'chunked' | 'counted' | 'until-close'
  /** Of a counted body, bytes. */
  length: number
}

/**
 * Reads the lines of a head, without their ends. A 1xx has no body and no say over the connection.
 *
 * @throws an error with code `TOKENTAPE_MALFORMED`
 */
export function responseHead(lines: readonly string[]): ResponseHead {
  const [first = '', ...rest] = lines
  const match = /^HTTP\/1\.([01]) ([1-9]\d{2})(?: |$)/.exec(first)
  if (!match || CONTROL.test(first))
    throw malformed(`not an HTTP/1.1 status line: ${JSON.stringify(first.slice(0, 80))}`)
  const status = Number(match[2])
  if (status === 101) throw malformed('the server switched protocols, which was not asked for')
  const headers: Record<string, string> = Object.create(null)
  for (const text of rest) {
    const [name, value] = headerOf(text)
    if (name === 'content-length' && text.endsWith('\t'))
      throw malformed('a tab behind a content-length')
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  if (status < 200) return { status, headers, keepAlive: true, framing: 'counted', length: 0 }
  const connection = tokensOf(headers['connection'] ?? '')
  const keepAlive =
    match[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive')
  return { status, headers, ...framingOf(status, headers, keepAlive) }
}

function framingOf(
  status: number,
  headers: Record<string, string>,
  keepAlive: boolean,
): Pick<ResponseHead, 'framing' | 'length' | 'keepAlive'> {
  const coding = headers['transfer-encoding']
  const length = headers['content-length']
  if (coding !== undefined && length !== undefined)
    throw malformed('both content-length and transfer-encoding')
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    throw malformed(`transfer-encoding ${JSON.stringify(coding)}`)
  const nBytes = length === undefined ? 0 : lengthOf(length)
  if (status === 204 || status === 304) {
    // They end with their head, whatever it says of a length: who believes the length reads on.
    if (coding !== undefined || nBytes > 0) throw malformed(`a body with status ${status}`)
    return { framing: 'counted', length: 0, keepAlive }
  }
  if (coding !== undefined) return { framing: 'chunked', length: 0, keepAlive }
  if (length !== undefined) return { framing: 'counted', length: nBytes, keepAlive }
  return { framing: 'until-close', length: 0, keepAlive: false }
}

const NAME = /^[!#$%&'*+\-.^_`|~\w]+$/
/** No part of a line; a tab may stand in a value. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/

/** @throws an error with code `TOKENTAPE_MALFORMED` */
export function headerOf(text: string): [name: string, value: string] {
  const colon = text.indexOf(':')
  const name = text.slice(0, colon).toLowerCase()
  if (colon < 1 || !NAME.test(name) || CONTROL.test(text))
    throw malformed(`not a header: ${JSON.stringify(text.slice(0, 80))}`)
  // Not trim(): it takes 0xA0 too, which ends many a letter in UTF-8.
  return [name, text.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')]
}

/** A trailer is a header that does not say how the body is read, which is over. */
export function checkTrailer(text: string): void {
  const [name] = headerOf(text)
  if (name === 'content-length' || name === 'transfer-encoding')
    throw malformed(`a trailer ${name}`)
}

const tokensOf = (value: string): string[] =>
  value
    .toLowerCase()
    .split(',')
    .map(token => token.trim())

/** Also two equal lengths are refused, which RFC 9112 6.3 leaves open and other readers refuse. */
function lengthOf(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw malformed(`content-length ${JSON.stringify(value)}`)
  return Number(value)
}

const TOKEN = "[!#$%&'*+\\-.^_`|~\\w]+"
const CHUNK_SIZE = new RegExp(
  `^([0-9a-f]{1,13})(?:;${TOKEN}(?:=(?:${TOKEN}|"[\\t\\x20-\\x7e\\x80-\\xff]*"))?)*$`,
  'i',
)

/** @throws an error with code `TOKENTAPE_MALFORMED` */
export function chunkSizeOf(text: string): number {
  const match = CHUNK_SIZE.exec(text)
  if (!match) throw malformed(`not a chunk size: ${JSON.stringify(text.slice(0, 80))}`)
  return Number.parseInt(match[1]!, 16)
}
