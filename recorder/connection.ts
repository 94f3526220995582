import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { buildConnector } from 'undici'
import type { Ns } from '../schemas/units.ts'

/** What a connection tells its slot. */
export type ReadStamp = {
  /** When the latest socket read arrived. */
  readNs: Ns
  /** How many reads have arrived: body pieces with the same number came in one read. */
  readSeq: number
}

/** Bytes that one socket read can bring. */
const READ_BYTES = 64 * 1024
/** Reads lie here until undici has parsed them, which it does before the next read is delivered. */
const SLAB_BYTES = 4 * 1024 * 1024

/**
 * Opens sockets whose reads are stamped before anything looks at them.
 *
 * All sockets of a lane receive into one buffer (`onread`), so a read allocates no ArrayBuffer,
 * which is what hurts the tail (shared/reference/hot-path.md). The callback stamps, copies the
 * bytes once into a slab and hands undici a view of it; undici keeps the protocol.
 */
export function stampedSockets(nowNs: () => Ns, tls: ConnectionOptions) {
  const shared = Buffer.allocUnsafeSlow(READ_BYTES)
  const slab = new ArrayBuffer(SLAB_BYTES)
  const slabBytes = new Uint8Array(slab)
  let next = 0

  return (stamp: ReadStamp, protocol: string, hostname: string, port: number): Socket => {
    const onread = {
      buffer: shared,
      callback(nBytes: number): boolean {
        stamp.readNs = nowNs()
        stamp.readSeq++
        if (socket.readableLength > 0) {
          // The parser is behind: this read must not lie where a later one could overwrite it.
          socket.push(Buffer.from(shared.subarray(0, nBytes)))
          return true
        }
        if (next + nBytes > SLAB_BYTES) next = 0
        slabBytes.set(shared.subarray(0, nBytes), next)
        socket.push(Buffer.from(slab, next, nBytes))
        next += nBytes
        return true
      },
    }
    const options = { host: hostname, port, noDelay: true, keepAlive: true, onread }
    const socket: Socket =
      protocol === 'https:'
        ? connectTls({
            ...options,
            ...tls,
            servername: tls.servername ?? nameFor(hostname),
          } as never)
        : connectTcp(options as never)
    return socket
  }
}

// A TLS server name must not be an address.
const nameFor = (hostname: string): string => (/^[\d.]+$|:/.test(hostname) ? '' : hostname)

export type OpenSocket = ReturnType<typeof stampedSockets>

/**
 * An undici connector for one slot, over its stamped sockets.
 *
 * `warm` opens the socket ahead, so that connection set-up does not stand in the first request's time.
 */
export function slotConnector(open: OpenSocket, stamp: ReadStamp, onConnect: () => void) {
  let waiting: Socket | undefined

  const ready = (socket: Socket, protocol: string, done: (error: Error | null) => void): void => {
    const event = protocol === 'https:' ? 'secureConnect' : 'connect'
    const fail = (error: Error): void => {
      socket.off(event, succeed)
      done(error)
    }
    const succeed = (): void => {
      socket.off('error', fail)
      done(null)
    }
    socket.once(event, succeed).once('error', fail)
  }

  const connector = ((options, callback) => {
    const { protocol, hostname } = options
    if (waiting && !waiting.destroyed && waiting.readyState === 'open') {
      const socket = waiting
      waiting = undefined
      // undici expects its answer later than the call, as from a real connect.
      process.nextTick(callback, null, socket)
      return
    }
    const port = Number(options.port || (protocol === 'https:' ? 443 : 80))
    const socket = open(stamp, protocol, hostname, port)
    ready(socket, protocol, error => {
      if (error) callback(error, null)
      else {
        onConnect()
        callback(null, socket as never)
      }
    })
  }) as buildConnector.connector

  const warm = (url: URL): Promise<boolean> =>
    new Promise(resolve => {
      const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
      const socket = open(stamp, url.protocol, url.hostname.replace(/^\[|\]$/g, ''), port)
      ready(socket, url.protocol, error => {
        if (!error) {
          waiting = socket
          // A server may close it before its first request: then a fresh one is opened and logged.
          socket.on('error', () => {})
        }
        resolve(!error)
      })
    })

  return { connector, warm, discard: () => waiting?.destroy() }
}
