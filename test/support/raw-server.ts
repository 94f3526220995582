import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** A request as it came, of a connection that was opened as the `connection`th. */
export type RawRequest = { text: string; connection: number; count: number }

/**
 * A server on 127.0.0.1 that answers by hand: `answer` is called for each request, once it has come whole,
 * and writes what it likes.
 */
export async function rawServer(answer: (socket: Socket, request: RawRequest) => void) {
  const sockets = new Set<Socket>()
  let connections = 0
  let count = 0
  const server = createServer({ noDelay: true }, socket => {
    const connection = connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let text = ''
    socket.on('data', data => {
      text += data.toString('latin1')
      const head = text.indexOf('\r\n\r\n')
      const nBytes = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (head === -1 || text.length < head + 4 + nBytes) return
      const whole = text.slice(0, head + 4 + nBytes)
      text = text.slice(whole.length)
      answer(socket, { text: whole, connection, count: count++ })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: new URL(`http://127.0.0.1:${port}`),
    connections: () => connections,
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The bytes in pieces: cut before each of these offsets. */
export function piecesOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const offsets = [0, ...cuts.filter(at => at > 0 && at < bytes.length), bytes.length]
  return offsets.slice(1).map((end, i) => bytes.subarray(offsets[i], end))
}

/** Writes each piece in a turn of the event loop of its own: a client in this process reads between them. */
export async function writePieces(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return
    socket.write(piece)
    await nextTurn()
  }
}
