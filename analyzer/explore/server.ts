import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UserError } from '../../schemas/errors.ts'
import { systemFault } from '../../schemas/system-fault.ts'
import { arrowSink } from '../arrow-sink.ts'
import { type KeptAnswers, keptAnswers } from './kept-answers.ts'
import type { Asked, Session } from './session.ts'

export type Explorer = { url: string; close(): Promise<void> }

/** A question is a query and a window: more bytes are no question. */
const MOST_BYTES = 1_000_000

/** No page shows more of a result; it is held in memory until it is whole, so that a failure has its status. */
const MOST_RESULT_BYTES = 256 * 1024 * 1024

/** Answers that are kept for who comes back to them. */
const MOST_KEPT_BYTES = 64 * 1024 * 1024

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

/**
 * Serves the page and answers its queries, on loopback alone.
 *
 * Who has not the token in the path gets nothing; nor does a page of another origin that has it, nor a
 * name that was made to resolve to this machine (DNS rebinding): Host and Origin must be this address.
 *
 * @param page  the page, given a nonce for the styles that its editor makes
 * @param port  0 takes a free one
 */
export async function serveExplorer(
  session: Session,
  page: (nonce: string) => { html: string; policy: string },
  port: number,
): Promise<Explorer> {
  const token = randomBytes(24).toString('base64url')
  const answers = keptAnswers(MOST_KEPT_BYTES)
  const server = createServer((request, response) => {
    const { port: own } = server.address() as AddressInfo
    answer(request, response, { session, page, token, answers, port: own }).catch(error => {
      if (!response.headersSent) refuse(response, 500, String(error))
      else response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${taken}/${token}/`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Site = {
  session: Session
  page: (nonce: string) => { html: string; policy: string }
  token: string
  answers: KeptAnswers
  port: number
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { session, page, token, answers, port }: Site,
): Promise<void> {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const { host, origin } = request.headers
  if (!hosts.includes(host ?? '')) return refuse(response, 403, 'not this host')
  if (origin !== undefined && origin !== `http://${host}`)
    return refuse(response, 403, 'not from another page')
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return refuse(response, 403, 'not from another page')
  const [, given = '', path] = (request.url ?? '').split('?')[0]!.split('/')
  if (!isSame(given, token)) return refuse(response, 403, 'the URL lacks its token')
  if (path === '' && request.method === 'GET') {
    const { html, policy } = page(randomBytes(16).toString('base64'))
    response.writeHead(200, {
      ...HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `${policy}; frame-ancestors 'none'`,
    })
    response.end(html)
    return
  }
  if (path !== 'query') return refuse(response, 404, 'there is nothing here')
  if (request.method !== 'POST') return refuse(response, 405, 'ask with POST')
  if (request.headers['content-type'] !== 'application/json')
    return refuse(response, 415, 'ask in application/json')
  await answerQuery(request, response, session, answers)
}

async function answerQuery(
  request: IncomingMessage,
  response: ServerResponse,
  session: Session,
  answers: KeptAnswers,
): Promise<void> {
  try {
    const asked = await questionIn(request)
    const key = asked.keep === true ? JSON.stringify(asked) : undefined
    const kept = key === undefined ? undefined : answers.get(key)
    if (kept) return sendArrow(response, kept)
    const pieces: Uint8Array[] = []
    let resultBytes = 0
    const sink = arrowSink('stream', {
      write: piece => {
        resultBytes += piece.length
        if (resultBytes > MOST_RESULT_BYTES)
          throw new UserError(
            `the result is larger than ${MOST_RESULT_BYTES / 1024 / 1024} MB`,
            'ask for less: add a limit, or aggregate; tokentape sql writes any size to a file',
          )
        pieces.push(Buffer.from(piece))
      },
      note: () => {},
    })
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    await session.ask(asked, sink, { up: gone.signal })
    const answer = Buffer.concat(pieces)
    if (key !== undefined) answers.keep(key, answer)
    sendArrow(response, answer)
  } catch (error) {
    // Nobody waits for it any more.
    if (response.destroyed) return
    const fault = systemFault(error)
    if (!fault) throw error
    response.writeHead(400, { ...HEADERS, 'content-type': 'application/json' })
    response.end(JSON.stringify({ message: fault.message, hint: fault.hint }))
  }
}

function sendArrow(response: ServerResponse, answer: Uint8Array): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'application/vnd.apache.arrow.stream' })
  response.end(answer)
}

async function questionIn(request: IncomingMessage): Promise<Asked> {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) {
    text += piece
    if (text.length > MOST_BYTES) throw malformed('it is too long')
  }
  let asked: unknown
  try {
    asked = JSON.parse(text)
  } catch {
    throw malformed('it is no JSON')
  }
  if (!isObject(asked) || !isQuestion(asked)) throw malformed('it has no sql, slo or limits')
  return asked
}

function isQuestion(asked: { [name: string]: unknown }): asked is Asked {
  const { sql, slo, limits } = asked
  if (typeof sql === 'string') return true
  if (isObject(slo)) return typeof slo['text'] === 'string'
  if (!isObject(limits)) return false
  return (
    isList(limits['shares'], share => typeof share === 'number' && share > 0 && share <= 1) &&
    isList(limits['columns'], name => typeof name === 'string' && /^\w+$/.test(name))
  )
}

const isList = (list: unknown, fits: (entry: unknown) => boolean): boolean =>
  Array.isArray(list) && list.length > 0 && list.every(fits)

const isObject = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === 'object' && value !== null

const malformed = (why: string): UserError =>
  new UserError(`the question cannot be read: ${why}`, 'for example {"sql": "from requests"}')

const isSame = (given: string, token: string): boolean =>
  given.length === token.length && timingSafeEqual(Buffer.from(given), Buffer.from(token))

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${why}\n`)
}
