import { type Ns, ns } from '../schemas/units.ts'
import { type EventLog, KIND } from './event-log.ts'
import { type Failure, failureOf, stoppedError, timeoutError } from './failure.ts'
import type { Tally } from './health.ts'
import type { AnswerEvents, ReadStamp, TransportMaker } from './http/transport.ts'
import type { Headers } from './kept-headers.ts'
import type { FailureKind, ReadyRequest } from './messages.ts'

type SlotParts = {
  url: URL
  runId: string
  transport: TransportMaker
  /** Whether a stream of events was asked for: a whole answer of another kind is then a failure. */
  streamAsked: boolean
  nowNs: () => Ns
  log: EventLog
  tally: Tally
  /** Whether answers are kept until the next request: the history of a session needs them. */
  keepAnswers: boolean
  /** What of an answer's headers the tape keeps. */
  keptOf: (found: Headers) => Headers
}

/** Limits of a request, ns. */
type Limits = { requestTimeoutNs: number; readTimeoutNs: number }

/** Whether a piece of a body may hold content: asked until it does, so not for every read. */
const hasContent = (chunk: Buffer): boolean =>
  /"(?:content|text|reasoning|reasoning_content|thinking|delta)":\s*"[^"]/.test(
    chunk.toString('latin1'),
  )

/** What a slot needs of a request. */
type Sent = Pick<ReadyRequest, 'path' | 'body' | 'cancelAfterNs'> & { row: { request_id: number } }

export type Slot = ReturnType<typeof openSlot>

/**
 * One place for a request in flight, with a connection of its own.
 *
 * Time first, bytes second, nothing else: nothing here parses, counts or allocates per read.
 * A failed request is a row of the log, never an exception.
 */
export function openSlot(parts: SlotParts) {
  const {
    url,
    runId,
    transport: makeTransport,
    nowNs,
    log,
    tally,
    keepAnswers,
    keptOf,
    streamAsked,
  } = parts
  const stamp: ReadStamp = { readNs: ns(0), readSeq: 0 }
  const transport = makeTransport(url, stamp)
  let requestId = -1
  let connected = false
  /** Whether the connection in use was opened for the request in flight. */
  let fresh = false
  let stopping = false
  let sentNs = ns(0)

  /** What has come of the latest answer, where answers are kept. */
  let pieces: Buffer[] = []
  let cancelling: NodeJS.Timeout | undefined

  function send(
    { row, path, body, cancelAfterNs }: Sent,
    atNs: Ns,
    firstContent: (() => void) | undefined,
    done: (failure: FailureKind | null) => void,
  ): void {
    const id = row.request_id
    pieces = []
    requestId = id
    sentNs = atNs
    connected = false
    let status = 0
    let bodyBytes = 0
    let lastSeq = -1
    let streamed = true
    let over = false
    let failing = false
    let retried = false
    let begun = firstContent === undefined
    stopping = false
    const finish = (why: FailureKind | null): void => {
      if (over) return
      over = true
      requestId = -1
      clearTimeout(cancelling)
      done(why)
    }
    const fail = (error: Error): void => {
      if (over || failing) return
      failing = true
      const failure = failureOf(error, connected)
      const data = Buffer.from(JSON.stringify(failure))
      // The transport may be in the middle of its own work: a request that is sent now would be in its way.
      if (mayRetry(failure)) {
        log.data(id, KIND.retry, nowNs(), 0, data)
        retried = true
        queueMicrotask(() => {
          failing = false
          dispatch()
        })
        return
      }
      log.data(id, KIND.error, nowNs(), status, data)
      queueMicrotask(() => finish(failure.code))
    }
    // A server may close a kept-alive connection just as it is used again; a fresh one has no such excuse.
    const mayRetry = ({ code }: Failure): boolean =>
      code === 'broken_stream' && !fresh && status === 0 && !retried && !stopping

    const events: AnswerEvents = {
      connected() {
        connected = true
        fresh = true
        log.event(id, KIND.connect, nowNs(), 0, 0)
      },
      begun() {
        connected = true
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
      },
      body(chunk) {
        bodyBytes += chunk.length
        if (keepAnswers) pieces.push(Buffer.from(chunk))
        if (!begun && hasContent(chunk)) {
          begun = true
          firstContent!()
        }
        if (lastSeq === stamp.readSeq) {
          log.extend(chunk)
          return
        }
        if (lastSeq === -1) {
          tally.firstReads++
          tally.firstReadNs += stamp.readNs - sentNs
        }
        lastSeq = stamp.readSeq
        tally.reads++
        log.data(id, KIND.read, stamp.readNs, 0, chunk)
      },
      end() {
        if (over || failing) return
        log.event(id, KIND.end, nowNs(), status, bodyBytes)
        if (status < 200 || status >= 300) finish('http_error')
        else finish(streamAsked && !streamed ? 'not_a_stream' : null)
      },
      error: fail,
    }
    const dispatch = (): void => {
      fresh = false
      transport.send({ path, requestId: `${runId}-${id}`, body }, events)
    }
    log.event(id, KIND.sent, atNs, 0, 0)
    dispatch()
  }

  return {
    send,
    warm: () => transport.warm(),
    /** Ends a request that has had its time, or waits for a read for too long; a limit of 0 is none. */
    checkDeadline(now: Ns, { requestTimeoutNs, readTimeoutNs }: Limits): void {
      if (requestId < 0) return
      if (requestTimeoutNs > 0 && now - sentNs >= requestTimeoutNs)
        stop(timeoutError(`no whole answer within ${requestTimeoutNs / 1e9} s`))
      else if (readTimeoutNs > 0 && now - Math.max(sentNs, stamp.readNs) >= readTimeoutNs)
        stop(timeoutError(`nothing read for ${readTimeoutNs / 1e9} s`))
    },
    /** Ends the request in flight, if there is one, because the user wants to stop at once. */
    abort: () => cancel(),
    /** The bytes of the latest answer. */
    answer: (): Uint8Array => Uint8Array.from(Buffer.concat(pieces)),
    /** Closes the connection: the next request opens a new one. */
    hangUp: () => transport.hangUp(),
    close: () => transport.close(),
  }

  /** A timer may fire up to a millisecond early. */
  function cancelAt(dueNs: number): void {
    if (nowNs() < dueNs) cancelling = setTimeout(cancelAt, 1, dueNs)
    else cancel()
  }

  function cancel(): void {
    if (requestId < 0) return
    log.event(requestId, KIND.cancel, nowNs(), 0, 0)
    stop(stoppedError())
  }

  function stop(reason: Error): void {
    stopping = true
    transport.abort(reason)
  }
}
