import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { type buildConnector, Client, type Dispatcher } from 'undici'
import { malformed } from './response-head.ts'
import { MAX_INFORMATIONAL } from './response-reader.ts'
import { openSocket, READ_BYTES, whenOpen } from './socket.ts'
import {
  closedByServer,
  KEEP_ALIVE_MS,
  type TransportMaker,
  type TransportParts,
} from './transport.ts'

/** Reads lie here until undici has parsed them, which it does before the next read is delivered. */
const SLAB_BYTES = 4 * 1024 * 1024

// undici says through this channel when the last byte of a body was written, at once after it has begun.
let onBodySent: (() => void) | undefined
subscribe('undici:request:bodySent', () => {
  onBodySent?.()
  onBodySent = undefined
})

/**
 * `--http-client undici`: undici keeps the protocol, over sockets whose reads are stamped before it
 * looks at them. Slower than `onread`; it is the second opinion on what an answer says.
 *
 * The read's callback stamps, copies the bytes once into a slab and hands undici a view of it.
 */
export function undiciTransport({ nowNs, tls, headers }: TransportParts): TransportMaker {
  const shared = Buffer.allocUnsafeSlow(READ_BYTES)
  const slab = new ArrayBuffer(SLAB_BYTES)
  const slabBytes = new Uint8Array(slab)
  let next = 0

  return (url, stamp) => {
    let waiting: Socket | undefined
    let onConnect: (() => void) | undefined
    let abort: ((reason: Error) => void) | undefined
    let bytesSinceBegun = 0
    let informational = 0
    let warming: (() => void) | undefined
    /** A socket that is being opened for a request: undici does not know it yet, and so cannot close it. */
    let connecting: Socket | undefined

    const open = (): Socket => {
      const socket = openSocket(url, tls, shared, nBytes => {
        stamp.readNs = nowNs()
        stamp.readSeq++
        bytesSinceBegun += nBytes
        if (socket.readableLength > 0) {
          // The parser is behind: this read must not lie where a later one could overwrite it.
          socket.push(Buffer.from(shared.subarray(0, nBytes)))
          return
        }
        if (next + nBytes > SLAB_BYTES) next = 0
        slabBytes.set(shared.subarray(0, nBytes), next)
        socket.push(Buffer.from(slab, next, nBytes))
        next += nBytes
      })
      return socket
    }
    const connector = ((_options, callback) => {
      if (waiting && !waiting.destroyed && waiting.readyState === 'open') {
        const socket = waiting
        waiting = undefined
        // undici expects its answer later than the call, as from a real connect.
        process.nextTick(callback, null, socket)
        return
      }
      const socket = open()
      connecting = socket
      whenOpen(socket, url, error => {
        connecting = undefined
        if (error) callback(error, null)
        else {
          onConnect?.()
          callback(null, socket as never)
        }
      })
    }) as buildConnector.connector
    // Our own deadline replaces undici's time-outs, whose default of 300 s would cut long answers.
    const newClient = (): Client =>
      new Client(url.origin, {
        pipelining: 1,
        headersTimeout: 0,
        bodyTimeout: 0,
        keepAliveTimeout: KEEP_ALIVE_MS,
        allowH2: false,
        connect: connector,
      })
    let client = newClient()

    return {
      warm: () =>
        new Promise(resolve => {
          const socket = open()
          warming = () => {
            socket.destroy()
            resolve(false)
          }
          whenOpen(socket, url, error => {
            warming = undefined
            if (!error) {
              waiting = socket
              // A server may close it before its first request: then a fresh one is opened and logged.
              socket.on('error', () => {})
            }
            resolve(!error)
          })
        }),
      send({ path, requestId, body }, on) {
        onConnect = on.connected
        const handler: Dispatcher.DispatchHandler = {
          onRequestStart(controller) {
            abort = reason => controller.abort(reason)
            bytesSinceBegun = 0
            informational = 0
            on.begun()
            onBodySent = on.bodySent
          },
          onResponseStart(_controller, status, found) {
            if (status >= 200) on.head(status, found)
            else if (++informational > MAX_INFORMATIONAL)
              throw malformed(`more than ${MAX_INFORMATIONAL} answers of status 1xx`)
          },
          onResponseData: (_controller, bytes) => on.body(bytes),
          onResponseEnd() {
            abort = undefined
            on.end()
          },
          onResponseError(_controller, error) {
            abort = undefined
            on.error(error, closedByServer(error) && bytesSinceBegun === 0)
          },
        }
        try {
          client.dispatch(
            { method: 'POST', path, body, headers: { ...headers, 'x-request-id': requestId } },
            handler,
          )
        } catch (error) {
          on.error(error as Error, false)
        }
      },
      abort(reason) {
        if (abort) {
          abort(reason)
          return
        }
        // Still connecting: undici has nothing to abort yet, so the client goes, and with it the request.
        connecting?.destroy()
        const stopped = client
        client = newClient()
        stopped.destroy(reason).catch(() => {})
      },
      unfinished: () => null,
      hangUp() {
        warming?.()
        connecting?.destroy()
        const old = client
        client = newClient()
        old.close().catch(() => {})
      },
      close() {
        warming?.()
        connecting?.destroy()
        waiting?.destroy()
        client.destroy().catch(() => {})
      },
    }
  }
}
