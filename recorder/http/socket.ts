import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/**
 * Bytes that one socket read can bring: a lane's sockets receive into one buffer of this size, so a
 * read allocates no ArrayBuffer, which is what hurts the tail (shared/reference/hot-path.md).
 */
export const READ_BYTES = 64 * 1024

/** A socket to the URL's host that calls `onread` for each read, with the bytes in `buffer`. */
export function openSocket(
  url: URL,
  tls: ConnectionOptions,
  buffer: Buffer,
  onread: (nBytes: number) => void,
): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'https:'
  const callback = (nBytes: number): boolean => {
    onread(nBytes)
    return true
  }
  const options = {
    host,
    port: Number(url.port || (secure ? 443 : 80)),
    noDelay: true,
    keepAlive: true,
    onread: { buffer, callback },
  }
  return secure
    ? connectTls({ ...options, ...tls, servername: tls.servername ?? nameFor(host) } as never)
    : connectTcp(options as never)
}

// A TLS server name must not be an address.
const nameFor = (host: string): string => (/^[\d.]+$|:/.test(host) ? '' : host)

/** Calls back once, when the socket can be used or could not be opened. */
export function whenOpen(socket: Socket, url: URL, done: (error: Error | null) => void): void {
  const event = url.protocol === 'https:' ? 'secureConnect' : 'connect'
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
