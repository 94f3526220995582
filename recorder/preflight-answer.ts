import { randomUUID } from 'node:crypto'
import { ns } from '../schemas/units.ts'
import { cancelError, type Failure, failureOf, timeoutError } from './failure.ts'
import { TRANSPORTS } from './http/transports.ts'
import type { Plan } from './plan.ts'
import type { PreflightRequest } from './preflight-request.ts'
import { tlsOptions } from './tls.ts'

/** How long the head of an answer, and the words of a refusal, are waited for. */
const HEAD_NS = 30e9
/** More of a refusal is not read. */
const MOST_BYTES = 64 * 1024
const MOST_TIMER_MS = 2 ** 31 - 1

export type PreflightAnswer = {
  /** Of the head; null where none came. */
  status: number | null
  /** From the send to the head, or to the failure. */
  tookNs: number
  /** Why no head came. `refused`: no server is there, and none will be for the run. */
  failure: (Failure & { refused: boolean }) | null
  /** What came of the body of an answer that is no success. */
  body: Buffer
}

/** Codes of a connection that nobody takes, or to which no way leads. */
const REFUSED = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']

/** Sends one request as the run will send its own, and hangs up at the head of a success. */
export async function preflightAnswer(
  plan: Plan,
  { url, path, body }: PreflightRequest,
  stop: AbortSignal,
): Promise<PreflightAnswer> {
  const nowNs = () => ns(performance.now() * 1e6)
  const headers = { ...plan.headers, ...plan.secretHeaders }
  const transports = await TRANSPORTS[plan.httpClient]()
  const transport = transports({ nowNs, tls: tlsOptions(plan), headers, unasked() {} })(
    new URL(url),
    {
      readNs: ns(0),
      readSeq: 0,
    },
  )
  const startNs = nowNs()
  const answer: PreflightAnswer = { status: null, tookNs: 0, failure: null, body: Buffer.of() }
  const headNs = Math.min(HEAD_NS, plan.requestTimeoutNs || HEAD_NS)
  let deadline: NodeJS.Timeout | undefined
  let giveUp: (reason: Error) => void = () => {}
  const stopped = () => giveUp(cancelError('stopped'))
  stop.addEventListener('abort', stopped)
  try {
    await new Promise<void>(resolve => {
      let connected = false
      let over = false
      let isText = true
      const finish = (): void => {
        over = true
        resolve()
      }
      const fail = (error: Error): void => {
        if (over) return
        // A refusal that breaks off has said what it had to say.
        if (answer.status === null) {
          answer.tookNs = nowNs() - startNs
          answer.failure = { ...failureOf(error, connected), refused: isRefused(error) }
        }
        finish()
      }
      giveUp = reason => {
        fail(reason)
        transport.abort(reason)
      }
      const within = (limitNs: number, what: string): void => {
        clearTimeout(deadline)
        deadline = setTimeout(
          () => giveUp(timeoutError(`${what} within ${limitNs / 1e9} s`)),
          Math.min(limitNs / 1e6, MOST_TIMER_MS),
        )
      }
      if (stop.aborted) return stopped()
      within(plan.connectTimeoutNs, 'no connection')
      transport.send(
        { path, requestId: `preflight-${randomUUID()}`, body },
        {
          connected() {
            connected = true
          },
          begun() {
            connected = true
            if (!over) within(headNs, 'no answer')
          },
          bodySent() {},
          head(status, { 'content-encoding': coding = 'identity' }) {
            if (over) return
            // What was compressed all the same is no text.
            isText = coding === 'identity'
            answer.status = status
            answer.tookNs = nowNs() - startNs
            if (status >= 200 && status < 300) finish()
          },
          body(bytes) {
            if (over || !isText) return
            answer.body = Buffer.concat([answer.body, bytes])
            if (answer.body.length >= MOST_BYTES) finish()
          },
          end: finish,
          error: fail,
        },
      )
    })
  } finally {
    clearTimeout(deadline)
    stop.removeEventListener('abort', stopped)
    transport.close()
  }
  return answer
}

/** Where a name has several addresses, each of them must refuse; one that this machine has no way to says nothing. */
function isRefused(error: Error): boolean {
  const codes = codesOf(error).filter(code => code !== 'EADDRNOTAVAIL')
  return codes.length > 0 && codes.every(code => REFUSED.includes(code))
}

const codesOf = (error: Error & { code?: string; errors?: Error[] }): string[] =>
  error.errors?.length ? error.errors.flatMap(codesOf) : [error.code ?? '']
