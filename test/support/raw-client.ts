import { connect } from 'node:net'

/** What each read of the socket brought in answer to a chat request, until the answer's last chunk. */
export const readsOf = (port: number, body: object): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const reads: string[] = []
    const text = JSON.stringify({ model: 'm', stream: true, ...body })
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on('error', reject)
    socket.on('data', data => {
      reads.push(data.toString('latin1'))
      if (reads.at(-1)!.endsWith('0\r\n\r\n')) socket.end(() => resolve(reads))
    })
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    )
  })
