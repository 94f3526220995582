import { type Ns, ns } from '../schemas/units.ts'
import type { AfterReads } from './after-reads.ts'
import { type EventLog, KIND } from './event-log.ts'
import {
  type CancelReason,
  cancelError,
  connectTimeoutError,
  failureOf,
  timeoutError,
} from './failure.ts'
import { firstContent } from './first-content.ts'
import type { Tally } from './health.ts'
import { malformed } from './http/response-head.ts'
import type { AnswerEvents, ReadStamp, TransportMaker } from './http/transport.ts'
import type { Headers } from './kept-headers.ts'
import type { FailureKind, ReadyRequest } from './messages.ts'

/** How long a head, or the trailers, may take from its first byte to its last, ns. */
const FRAMING_NS = 10e9

export type SlotParts = {
  url: URL
  runId: string
  transport: TransportMaker
  /** Whether a stream of events was asked for: a whole answer of another kind is then a failure. */
  streamAsked: boolean
  nowNs: () => Ns
  log: EventLog
  tally: Tally
  afterReads: AfterReads
  /** What of an answer's headers the tape keeps. */
  keptOf: (found: Headers) => Headers
}

/** Limits of a request, ns; a limit of 0 is none. */
type Limits = { requestTimeoutNs: number; readTimeoutNs: number; connectTimeoutNs: number }

/** What a slot needs of a request. */
type Sent = Pick<ReadyRequest, 'path' | 'body' | 'cancelAfterNs'> & { row: { request_id: number } }

/** What is to be known of an answer beside its rows. Both are told after the reads of a loop turn. */
export type Watch = {
  /** Told once when content has come. */
  contentCame?: () => void
  /** `answer` is the body, where `keepAnswer` asked for it and the request succeeded. */
  over(failure: FailureKind | null, answer: Uint8Array | undefined): void
  keepAnswer?: boolean
}

/**
 * Where a request stands. Each state has an end: connecting and answering a deadline, `resending` and `over` the
 * end of this loop turn.
 */
type State = 'free' | 'connecting' | 'answering' | 'resending' | 'over'

export type Slot = ReturnType<typeof openSlot>

/**
 * One place for a request in flight, with a connection of its own.
 *
 * In the callback of a read its time is taken, its bytes are logged, and nothing else happens: what follows is
 * put off. A failed request is a row of the log, never an exception.
 */
export function openSlot(parts: SlotParts) {
  const { url, runId, transport: makeTransport, nowNs, log, tally, streamAsked } = parts
  const { afterReads, keptOf } = parts
  const stamp: ReadStamp = { readNs: ns(0), readSeq: 0 }
  const transport = makeTransport(url, stamp)
  let state: State = 'free'
  let requestId = -1
  let sentNs = ns(0)
  let connectingSinceNs = ns(0)
  /** When the request began to be written, the last time. */
  let begunNs = ns(0)
  let unfinished: { part: 'head' | 'trailers'; sinceNs: Ns } | undefined
  let cancelling: NodeJS.Timeout | undefined
  /** Why the request is to end, once it has been decided. */
  let stopped: Error | undefined
  /** Ends the request in flight in a row of its own. */
  let fail: (error: Error) => void = () => {}

  function send({ row, path, body, cancelAfterNs }: Sent, atNs: Ns, watch: Watch): void {
    if (state !== 'free') throw new Error(`request ${row.request_id} was sent in a slot in use`)
    const id = row.request_id
    const key = `${runId}-${id}`
    requestId = id
    sentNs = atNs
    stopped = undefined
    unfinished = undefined
    let status = 0
    let bodyBytes = 0
    let lastSeq = -1
    let streamed = true
    let retried = false
    /** Whether the connection in use was opened for this request. */
    let fresh = false
    let contentCame = watch.contentCame === undefined ? undefined : firstContent()
    let pieces: Buffer[] | undefined = watch.keepAnswer ? [] : undefined

    const finish = (why: FailureKind | null): void => {
      state = 'over'
      clearTimeout(cancelling)
      const kept = why === null ? pieces : undefined
      pieces = undefined
      afterReads(() => {
        state = 'free'
        requestId = -1
        watch.over(why, kept && Buffer.concat(kept))
      })
    }
    fail = error => {
      const failure = failureOf(error, state === 'answering')
      log.data(id, KIND.error, nowNs(), status, Buffer.from(JSON.stringify(failure)))
      finish(failure.code)
    }
    const inFlight = (): boolean => state === 'connecting' || state === 'answering'
    const dispatch = (): void => {
      if (stopped) {
        fail(stopped)
        return
      }
      state = 'connecting'
      connectingSinceNs = nowNs()
      fresh = false
      transport.send({ path, requestId: key, body }, events)
    }

    const events: AnswerEvents = {
      connected() {
        fresh = true
        log.event(id, KIND.connect, nowNs(), 0, 0)
      },
      begun() {
        state = 'answering'
        begunNs = nowNs()
      },
      bodySent() {
        const bodySentNs = nowNs()
        log.event(id, KIND.body_sent, bodySentNs, 0, body.length)
        if (cancelAfterNs === null) return
        clearTimeout(cancelling)
        cancelling = setTimeout(cancelAt, cancelAfterNs / 1e6, bodySentNs + cancelAfterNs)
      },
      head(statusCode, found) {
        status = statusCode
        streamed = String(found['content-type'] ?? '').startsWith('text/event-stream')
        const data = Buffer.from(JSON.stringify(keptOf(found)))
        log.data(id, KIND.headers, stamp.readNs, statusCode, data)
        // A proxy and the server behind it may each echo it.
        const echoed = String(found['x-request-id'] ?? '').split(/,\s*/)
        const other = echoed.find(name => name !== key && name.startsWith(`${runId}-`))
        if (other !== undefined && !echoed.includes(key))
          throw malformed(`the answer to ${other} came for ${key}`)
      },
      body(chunk) {
        bodyBytes += chunk.length
        if (lastSeq === stamp.readSeq) log.extend(id, chunk)
        else {
          if (lastSeq === -1) {
            tally.firstReads++
            tally.firstReadNs += stamp.readNs - sentNs
          }
          lastSeq = stamp.readSeq
          tally.reads++
          log.data(id, KIND.read, stamp.readNs, 0, chunk)
        }
        pieces?.push(Buffer.from(chunk))
        if (contentCame) look(Buffer.from(chunk))
      },
      end() {
        if (!inFlight()) return
        log.event(id, KIND.end, nowNs(), status, bodyBytes)
        if (status < 200 || status >= 300) finish('http_error')
        else finish(streamAsked && !streamed ? 'not_a_stream' : null)
      },
      error(error, untouched) {
        if (!inFlight()) return
        // A server may close a kept-alive connection just as it is used again; a fresh one has no such excuse,
        // and neither has a server of which anything was read.
        if (!untouched || fresh || retried || stopped) {
          fail(error)
          return
        }
        log.data(id, KIND.retry, nowNs(), 0, Buffer.from(JSON.stringify(failureOf(error, true))))
        retried = true
        state = 'resending'
        afterReads(dispatch)
      },
    }
    const look = (piece: Buffer): void =>
      afterReads(() => {
        if (!contentCame?.(piece)) return
        contentCame = undefined
        watch.contentCame!()
      })
    log.event(id, KIND.sent, atNs, 0, 0)
    dispatch()
  }

  const stop = (reason: Error): void => {
    stopped = reason
    // A request that waits to be sent again ends when it is its turn.
    if (state !== 'resending') transport.abort(reason)
  }

  const cancel = (reason: CancelReason): void => {
    if (state === 'free' || state === 'over' || stopped) return
    log.data(requestId, KIND.cancel, nowNs(), 0, Buffer.from(JSON.stringify({ reason })))
    stop(cancelError(reason))
  }

  /** A timer may fire up to a millisecond early. */
  function cancelAt(dueNs: number): void {
    if (nowNs() < dueNs) cancelling = setTimeout(cancelAt, 1, dueNs)
    else cancel('planned')
  }

  /** Since when a part of the framing has been coming, ns; undefined where none is. */
  function framingSince(now: Ns): Ns | undefined {
    const part = transport.unfinished()
    if (part === null) unfinished = undefined
    else if (unfinished?.part !== part) unfinished = { part, sinceNs: now }
    return unfinished?.sinceNs
  }

  return {
    send,
    warm: () => transport.warm(),
    /** Ends a request that has had its time, or waits for too long. */
    checkDeadline(now: Ns, { requestTimeoutNs, readTimeoutNs, connectTimeoutNs }: Limits): void {
      if (stopped) return
      if (state !== 'connecting' && state !== 'answering') return
      if (requestTimeoutNs > 0 && now - sentNs >= requestTimeoutNs)
        stop(timeoutError(`no whole answer within ${requestTimeoutNs / 1e9} s`))
      else if (state === 'connecting') {
        if (connectTimeoutNs > 0 && now - connectingSinceNs >= connectTimeoutNs)
          stop(connectTimeoutError(`no connection within ${connectTimeoutNs / 1e9} s`))
      } else if (readTimeoutNs > 0 && now - Math.max(begunNs, stamp.readNs) >= readTimeoutNs)
        stop(timeoutError(`nothing read for ${readTimeoutNs / 1e9} s`))
      else if (now - (framingSince(now) ?? now) >= FRAMING_NS)
        stop(malformed(`the ${unfinished!.part} took more than ${FRAMING_NS / 1e9} s`))
    },
    /** Gives up the request in flight, if there is one. */
    cancel,
    /** Closes the connection: the next request opens a new one. */
    hangUp: () => transport.hangUp(),
    close: () => transport.close(),
  }
}
