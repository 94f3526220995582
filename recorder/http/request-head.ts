import { validateHeaderName, validateHeaderValue } from 'node:http'

/** Headers that say where a message ends or how a connection is used: they are ours to set. */
const OURS = [
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
  'keep-alive',
]

/**
 * The part of a request's head that all requests of a connection share.
 *
 * @throws an error with a code that begins with `ERR_` for a header that cannot be sent
 */
export function fixedHead(url: URL, headers: Record<string, string>): string {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const host = own.find(([name]) => name === 'host')?.[1] ?? url.host
  const lines = [['host', host], ['connection', 'keep-alive'], ...own] as [string, string][]
  return lines
    .filter(([name], at) => at < 2 || (name !== 'host' && !OURS.includes(name)))
    .map(([name, value]) => {
      validateHeaderName(name)
      validateHeaderValue(name, value)
      return `${name}: ${value}\r\n`
    })
    .join('')
}

/**
 * The head of a POST request, latin1.
 *
 * @throws an error with code `ERR_INVALID_CHAR` for a path that cannot be sent
 */
export function requestHead(
  path: string,
  fixed: string,
  requestId: string,
  bodyBytes: number,
): string {
  if (!/^\/[\x21-\x7e]*$/.test(path))
    throw Object.assign(new Error(`not a path that can be sent: ${JSON.stringify(path)}`), {
      code: 'ERR_INVALID_CHAR',
    })
  return `POST ${path} HTTP/1.1\r\n${fixed}x-request-id: ${requestId}\r\ncontent-length: ${bodyBytes}\r\n\r\n`
}
