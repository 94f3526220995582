import type { Socket } from 'node:net'
import { fixedHead, requestHead } from './request-head.ts'
import { responseReader } from './response-reader.ts'
import { openSocket, READ_BYTES, whenOpen } from './socket.ts'
import {
  type AnswerEvents,
  closedByServer,
  KEEP_ALIVE_MS,
  type Request,
  type TransportMaker,
  type TransportParts,
} from './transport.ts'

/** A body up to this size goes out in one buffer with its head: one write costs less than two. */
const ONE_WRITE_BYTES = 16 * 1024

/** A request whose answer has not ended. */
type InFlight = { on: AnswerEvents; written: boolean }

/**
 * `--http-client onread`, the default: our own reader of HTTP/1.1 over sockets that receive into one
 * buffer. The read's callback stamps before anything else; the body's bytes are copied once, from the
 * receive buffer to the log.
 *
 * It does what undici's `Client` does with one connection and no pipelining; `test/recorder/http/` holds
 * the two against each other.
 */
export function onreadTransport({ nowNs, tls, headers, unasked }: TransportParts): TransportMaker {
  const shared = Buffer.allocUnsafeSlow(READ_BYTES)

  return (url, stamp) => {
    const fixed = fixedHead(url, headers)
    let socket: Socket | undefined
    let ready = false
    /** Whether a request was written on this connection. */
    let carried = false
    /** Told when the connection that is being opened can be used, or never can. */
    let opening: ((error: Error | null) => void) | undefined
    let flight: InFlight | undefined
    /** When the latest answer ended; a connection that has carried none keeps. */
    let idleSinceMs = Number.POSITIVE_INFINITY
    let keepAliveMs = KEEP_ALIVE_MS

    const reader = responseReader({
      head(status, headers) {
        keepAliveMs = keepAliveOf(headers['keep-alive'])
        flight!.on.head(status, headers)
      },
      body: bytes => flight!.on.body(bytes),
      end() {
        const { on, written } = flight!
        flight = undefined
        idleSinceMs = performance.now()
        // An answer that came before its request was written whole leaves the rest of it in the way.
        if (!written || !reader.reusable()) drop()
        on.end()
      },
    })

    const drop = (): void => {
      const waiting = opening
      opening = undefined
      ready = false
      socket?.destroy()
      socket = undefined
      waiting?.(serverClosed())
    }
    /** Ends the connection, and with it the request in flight. */
    const fail = (error: Error): void => {
      const failed = flight
      flight = undefined
      const untouched = closedByServer(error) && ready && reader.bytesSinceExpect() === 0
      drop()
      failed?.on.error(error, untouched)
    }

    const open = (whenReady: (error: Error | null) => void): void => {
      carried = false
      const mine = openSocket(url, tls, shared, nBytes => {
        if (mine !== socket) return
        stamp.readNs = nowNs()
        stamp.readSeq++
        try {
          if (reader.read(shared, nBytes)) return
          // Bytes that nobody asked for: the server and we do not agree on where the answer ended.
          // On a connection that has carried no request they can be taken for no answer: a 408 to an idle one.
          if (carried) unasked()
          if (mine === socket) drop()
        } catch (error) {
          if ((error as { code?: string }).code !== 'TOKENTAPE_MALFORMED') throw error
          fail(error as Error)
        }
      })
      socket = mine
      reader.reset()
      ready = false
      opening = whenReady
      reader.reset()
      idleSinceMs = Number.POSITIVE_INFINITY
      mine.on('error', error => {
        if (mine === socket && ready) fail(error)
      })
      for (const event of ['end', 'close'])
        mine.on(event, () => {
          if (mine === socket && ready) ended(mine)
        })
      whenOpen(mine, url, error => {
        if (mine !== socket) return
        opening = undefined
        if (error) socket = undefined
        else ready = true
        whenReady(error)
      })
    }
    /** The server has closed. */
    const ended = (mine: Socket): void => {
      const cutShort = flight !== undefined && reader.closed()
      // The close may have been the end of an answer.
      if (mine !== socket) return
      if (cutShort) fail(serverClosed())
      else drop()
    }

    const write = ({ path, requestId, body }: Request, mine: InFlight): void => {
      let head: string
      try {
        head = requestHead(path, fixed, requestId, body.length)
      } catch (error) {
        // Nothing was written: the connection is as good as before.
        flight = undefined
        mine.on.error(error as Error, false)
        return
      }
      const to = socket!
      if (!reader.expect())
        throw new Error('a request was written before the last answer was whole')
      carried = true
      mine.on.begun()
      const written = (error?: Error | null): void => {
        mine.written = true
        if (!error && flight === mine) mine.on.bodySent()
      }
      if (body.length <= ONE_WRITE_BYTES) {
        const whole = Buffer.allocUnsafe(head.length + body.length)
        whole.write(head, 'latin1')
        whole.set(body, head.length)
        to.write(whole, written)
      } else {
        to.cork()
        to.write(head, 'latin1')
        to.write(body, written)
        to.uncork()
      }
    }

    return {
      warm: () => new Promise(resolve => open(error => resolve(!error))),
      send(request, on) {
        if (flight) throw new Error('a request was sent on a connection that is in use')
        const mine: InFlight = { on, written: false }
        flight = mine
        if (socket && (socket.destroyed || performance.now() - idleSinceMs > keepAliveMs)) drop()
        if (socket && ready) {
          write(request, mine)
          return
        }
        open(error => {
          if (flight !== mine) return
          if (error) fail(error)
          else {
            on.connected()
            write(request, mine)
          }
        })
      },
      abort: fail,
      unfinished: () => (flight ? reader.unfinished() : null),
      hangUp: drop,
      close: drop,
    }
  }
}

const serverClosed = (): Error =>
  Object.assign(new Error('the server closed the connection before its answer was whole'), {
    code: 'TOKENTAPE_CLOSED',
  })

/** What a server says of how long it keeps a connection (`timeout=5`, seconds), less one for the way. */
function keepAliveOf(header: string | undefined): number {
  const seconds = /timeout=(\d{1,6})/.exec(header ?? '')?.[1]
  return seconds === undefined ? KEEP_ALIVE_MS : Math.max(0, Number(seconds) * 1000 - 1000)
}
