import { Agent, request } from 'node:http'
import { Client, type Dispatcher } from 'undici'
import type { AnswerEvents } from '../../../recorder/http/transport.ts'
import { TRANSPORTS } from '../../../recorder/http/transports.ts'
import { ns } from '../../../schemas/units.ts'

/** What a client made of one answer. */
export type Outcome =
  | { ok: true; status: number; headers: Record<string, string>; body: string }
  | { ok: false; reason: string }

/** Asks as often as there are paths, one after another, on one connection while it lasts. */
export type Ask = (url: URL, paths: readonly string[]) => Promise<Outcome[]>

/** Heads may be as long as our own reader allows. */
const MAX_HEAD_BYTES = 64 * 1024
const BODY = Buffer.from('hi')
/** No answer of a bench takes as long: a client that is not done by then never is. */
const HUNG_MS = 10_000

/** Header values of a name, joined as our reader joins them. */
function joined(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (const [name, raw] of pairs) {
    const key = name.toLowerCase()
    // llhttp leaves tabs behind a value.
    const value = raw.replace(/^[ \t]+|[ \t]+$/g, '')
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`
  }
  return headers
}
const pairsOf = (raw: readonly string[]): [string, string][] =>
  Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i]!, raw[2 * i + 1]!])

const reasonOf = (error: Error & { code?: string; cause?: unknown }): string =>
  [error.code, error.message].filter(Boolean).join(': ')

/** One exchange; `start` is given what ends it. */
function settled(start: (done: (outcome: Outcome) => void) => void): Promise<Outcome> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve({ ok: false, reason: 'HUNG' }), HUNG_MS)
    start(outcome => {
      clearTimeout(timer)
      resolve(outcome)
    })
  })
}

async function inTurn(paths: readonly string[], one: (path: string) => Promise<Outcome>) {
  const outcomes: Outcome[] = []
  for (const path of paths) outcomes.push(await one(path))
  return outcomes
}

const ours: Ask = async (url, paths) => {
  const maker = (await TRANSPORTS.onread())({
    nowNs: () => ns(0),
    tls: {},
    headers: {},
    unasked() {},
  })
  const transport = maker(url, { readNs: ns(0), readSeq: 0 })
  const ask = (path: string): Promise<Outcome> =>
    settled(done => {
      let head: { status: number; headers: Record<string, string> } | undefined
      let body = ''
      const none = (): void => {}
      const on: AnswerEvents = {
        ...{ connected: none, begun: none, bodySent: none },
        head: (status, headers) => {
          head = { status, headers: { ...(headers as Record<string, string>) } }
        },
        body: bytes => {
          body += bytes.toString('latin1')
        },
        end: () => done({ ok: true, ...head!, body }),
        error: error => setImmediate(() => done({ ok: false, reason: reasonOf(error) })),
      }
      transport.send({ path, requestId: 'fuzz', body: BODY }, on)
    })
  const outcomes = await inTurn(paths, ask)
  transport.close()
  return outcomes
}

const nodeHttp: Ask = async (url, paths) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (path: string): Promise<Outcome> =>
    settled(done => {
      const asked = request(
        new URL(path, url),
        {
          agent,
          method: 'POST',
          headers: { 'content-length': BODY.length },
          maxHeaderSize: MAX_HEAD_BYTES,
        },
        response => {
          const pieces: Buffer[] = []
          response.on('data', piece => pieces.push(piece))
          response.on('error', error => done({ ok: false, reason: reasonOf(error) }))
          response.on('end', () => {
            if (response.complete)
              done({
                ok: true,
                status: response.statusCode!,
                headers: joined(pairsOf(response.rawHeaders)),
                body: Buffer.concat(pieces).toString('latin1'),
              })
          })
        },
      )
      asked.on('error', error => done({ ok: false, reason: reasonOf(error) }))
      // An upgrade that nobody listens for ends without an error.
      asked.on('close', () => setImmediate(() => done({ ok: false, reason: 'closed' })))
      asked.end(BODY)
    })
  const outcomes = await inTurn(paths, ask)
  agent.destroy()
  return outcomes
}

const undici: Ask = async (url, paths) => {
  const client = new Client(url.origin, { pipelining: 1, maxHeaderSize: MAX_HEAD_BYTES })
  const ask = (path: string): Promise<Outcome> =>
    settled(done => {
      let head: { status: number; headers: Record<string, string> } | undefined
      const pieces: Buffer[] = []
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart() {},
        onResponseStart(controller, status) {
          // Raw, since the parsed ones are read as UTF-8.
          const raw = (controller as { rawHeaders?: Buffer[] }).rawHeaders ?? []
          if (status >= 200)
            head = {
              status,
              headers: joined(pairsOf(raw.map(each => Buffer.from(each).toString('latin1')))),
            }
        },
        onResponseData: (_controller, piece) => void pieces.push(Buffer.from(piece)),
        onResponseEnd: () =>
          done({ ok: true, ...head!, body: Buffer.concat(pieces).toString('latin1') }),
        onResponseError: (_controller, error) => done({ ok: false, reason: reasonOf(error) }),
      }
      client.dispatch({ method: 'POST', path, body: BODY }, handler)
    })
  const outcomes = await inTurn(paths, ask)
  await client.destroy()
  return outcomes
}

export const CLIENTS: Record<'ours' | 'node' | 'undici', Ask> = { ours, node: nodeHttp, undici }
