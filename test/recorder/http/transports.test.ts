import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { failureOf } from '../../../recorder/failure.ts'
import type { HttpClient, Transport } from '../../../recorder/http/transport.ts'
import { TRANSPORTS } from '../../../recorder/http/transports.ts'
import { ns } from '../../../schemas/units.ts'

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** A server that answers each request, once it has come whole, by the function given. */
async function serverThat(answer: (socket: Socket, request: string, count: number) => void) {
  const sockets = new Set<Socket>()
  let count = 0
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    let text = ''
    socket.on('data', data => {
      text += data.toString('latin1')
      const length = /content-length: (\d+)/i.exec(text)?.[1]
      const head = text.indexOf('\r\n\r\n')
      if (head === -1 || text.length < head + 4 + Number(length)) return
      const whole = text
      text = ''
      answer(socket, whole, count++)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  return { url: new URL(`http://127.0.0.1:${port}`), connections: () => sockets.size }
}

async function transportTo(url: URL, client: HttpClient): Promise<Transport> {
  const headers = { 'x-own': 'yes', accept: '*/*' }
  const parts = { nowNs: () => ns(0), tls: {}, headers, unasked() {} }
  const transport = (await TRANSPORTS[client]())(parts)(url, { readNs: ns(0), readSeq: 0 })
  open.push(async () => transport.close())
  return transport
}

/** All that a transport says of one request, as one line each. */
function exchange(transport: Transport, body = 'hi', during?: (events: string[]) => void) {
  return new Promise<string[]>(resolve => {
    const said: string[] = []
    let text = ''
    const put = (line: string): void => {
      said.push(line)
      during?.(said)
    }
    transport.send(
      { path: '/v1/x?y=1', requestId: 'run-1', body: Buffer.from(body) },
      {
        connected: () => put('connected'),
        begun: () => put('begun'),
        bodySent: () => put('bodySent'),
        head: (status, headers) => put(`head ${status} ${headers['content-type']}`),
        body(bytes) {
          text += bytes.toString('latin1')
          if (said.at(-1) !== 'body') put('body')
        },
        end() {
          said.push(`end ${text}`)
          queueMicrotask(() => resolve(said))
        },
        error(error) {
          said.push(`error ${failureOf(error, said.includes('begun')).code}`)
          setImmediate(() => resolve(said))
        },
      },
    )
  })
}

const STREAM =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
const ANSWERS: Record<string, (socket: Socket) => void> = {
  chunked: socket => socket.write(`${STREAM}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`),
  counted: socket =>
    socket.write('HTTP/1.1 404 No\r\ncontent-type: a\r\ncontent-length: 3\r\n\r\nnon'),
  'until close': socket => socket.end('HTTP/1.1 200 OK\r\ncontent-type: a\r\n\r\nall of it'),
  'cut in a chunk': socket => socket.end(`${STREAM}5\r\nhel`),
  'cut between chunks': socket => socket.end(`${STREAM}5\r\nhello\r\n`),
  'cut in the head': socket => socket.end('HTTP/1.1 200 O'),
  'closed at once': socket => socket.end(),
  reset: socket => socket.resetAndDestroy(),
  'not HTTP': socket => socket.write('hello\r\n\r\n'),
  'bad chunk': socket => socket.write(`${STREAM}zz\r\n`),
  'two lengths': socket =>
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd'),
}

test.each(Object.keys(ANSWERS))('our reader and undici agree: %s', async name => {
  const { url } = await serverThat(socket => ANSWERS[name]!(socket))
  const [ours, theirs] = await Promise.all(
    (['onread', 'undici'] as const).map(async client => exchange(await transportTo(url, client))),
  )
  expect(ours).toEqual(theirs)
  expect(ours!.slice(0, 3)).toEqual(['connected', 'begun', 'bodySent'])
  expect(ours!.at(-1)).toMatch(/^(end|error broken_stream)/)
})

test('a 100 that nobody asked for is passed over; undici 7.30 fails on it', async () => {
  const { url } = await serverThat(socket => {
    socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    ANSWERS['counted']!(socket)
  })
  const said = await exchange(await transportTo(url, 'onread'))
  expect(said.slice(3)).toEqual(['head 404 a', 'body', 'end non'])
})

for (const client of ['onread', 'undici'] as const) {
  test(`${client}: the request is whole, with our headers and the body’s bytes`, async () => {
    let seen = ''
    const { url } = await serverThat((socket, request) => {
      seen = request
      ANSWERS['counted']!(socket)
    })
    const body = 'é'.repeat(40_000)
    await exchange(await transportTo(url, client), body)
    expect(seen).toMatch(/^POST \/v1\/x\?y=1 HTTP\/1\.1\r\n/)
    expect(seen).toMatch(new RegExp(`\r\nhost: ${url.host}\r\n`))
    expect(seen).toMatch(/\r\nx-own: yes\r\n/)
    expect(seen).toMatch(/\r\nx-request-id: run-1\r\n/)
    expect(seen.slice(seen.indexOf('\r\n\r\n') + 4)).toBe(Buffer.from(body).toString('latin1'))
  })

  test.each(['counted and more', 'until close'])(
    `${client}: a request that is sent as the answer before ends is answered too: %s`,
    async how => {
      const { url } = await serverThat(socket => {
        if (how === 'until close') ANSWERS['until close']!(socket)
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxmore')
      })
      const transport = await transportTo(url, client)
      const ended: string[] = []
      await new Promise<void>(resolve => {
        const none = (): void => {}
        // Sent from within `end`, as a lane does that has a request waiting for the slot.
        const next = (): void =>
          transport.send(
            { path: '/v1/x', requestId: 'run-1', body: Buffer.from('hi') },
            {
              ...{ connected: none, begun: none, bodySent: none, head: none, body: none },
              end: () => over('end'),
              error: error => setImmediate(over, failureOf(error, true).code),
            },
          )
        const over = (what: string): void => {
          ended.push(what)
          if (ended.length < 5) next()
          else resolve()
        }
        next()
      })
      // undici takes bytes that follow an answer for an error of the next request on the connection.
      if (client === 'onread') expect(ended).toEqual(Array(5).fill('end'))
      else expect(ended).toHaveLength(5)
    },
  )

  test(`${client}: a connection is used again, and not after the server asked to close it`, async () => {
    const { url, connections } = await serverThat((socket, _request, count) => {
      const close = count === 1 ? 'connection: close\r\n' : ''
      socket.write(`HTTP/1.1 200 OK\r\n${close}content-length: 1\r\n\r\nx`)
    })
    const transport = await transportTo(url, client)
    const lines: string[][] = []
    for (let i = 0; i < 3; i++) lines.push(await exchange(transport))
    expect(lines.map(said => said.includes('connected'))).toEqual([true, false, true])
    expect(connections()).toBe(2)
  })

  test(`${client}: a warm connection is taken, and a dead one is not`, async () => {
    const { url } = await serverThat(socket => ANSWERS['counted']!(socket))
    const transport = await transportTo(url, client)
    expect(await transport.warm()).toBe(true)
    expect(await exchange(transport)).not.toContain('connected')
    transport.hangUp()
    expect(await exchange(transport)).toContain('connected')
  })

  test(`${client}: an abort ends the request with its reason, at any point`, async () => {
    const { url } = await serverThat(socket => socket.write(`${STREAM}5\r\nhello\r\n`))
    for (const at of ['begun', 'bodySent', 'head', 'body']) {
      const transport = await transportTo(url, client)
      const said = await exchange(transport, 'hi', lines => {
        if (lines.at(-1)!.startsWith(at))
          setImmediate(() =>
            transport.abort(Object.assign(new Error('no'), { code: 'TOKENTAPE_STOPPED' })),
          )
      })
      expect(
        said.filter(line => /^(error|end)/.test(line)),
        at,
      ).toEqual(['error cancelled'])
    }
  })

  test(`${client}: nobody listens`, async () => {
    const { url } = await serverThat(() => {})
    await open.pop()!()
    expect(await exchange(await transportTo(url, client))).toEqual(['error connect_error'])
  })

  test(`${client}: a path that cannot be sent is the client’s error`, async () => {
    const { url } = await serverThat(socket => ANSWERS['counted']!(socket))
    const transport = await transportTo(url, client)
    const failed = await new Promise<Error>(resolve => {
      const none = (): void => {}
      transport.send(
        { path: '/a b\r\nx: y', requestId: '1', body: Buffer.from('') },
        {
          connected: none,
          begun: none,
          bodySent: none,
          head: none,
          body: none,
          end: none,
          error: resolve,
        },
      )
    })
    expect(failureOf(failed, true).code).toBe('client_error')
  })
}

test('bytes that nobody asked for are counted where a request had been written, and nowhere else', async () => {
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'
  const { url } = await serverThat(socket => socket.write(answer + answer))
  const idle = createServer(socket => void socket.write('HTTP/1.1 408 Request Timeout\r\n\r\n'))
  idle.listen(0, '127.0.0.1')
  await once(idle, 'listening')
  open.push(async () => void idle.close())
  let unasked = 0
  const to = async (where: URL) => {
    const parts = { nowNs: () => ns(0), tls: {}, headers: {}, unasked: () => void unasked++ }
    const transport = (await TRANSPORTS.onread())(parts)(where, { readNs: ns(0), readSeq: 0 })
    open.push(async () => transport.close())
    return transport
  }
  await exchange(await to(url))
  expect(unasked).toBe(1)
  const { port } = idle.address() as AddressInfo
  const opened = await to(new URL(`http://127.0.0.1:${port}`))
  const heard = once(idle, 'connection')
  await opened.warm()
  const [socket] = (await heard) as [Socket]
  await once(socket, 'close')
  expect(unasked).toBe(1)
})
