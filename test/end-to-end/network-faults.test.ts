import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()

async function record(url: string, tape: string, ...flags: string[]) {
  const run = await tokentape(
    'record', '--model', 'm', '--streaming', '--isl', '5', '--osl', '10', '--url', url,
    '--request-count', '10', '--concurrency', '2', '-o', tape, ...flags,
  ) // biome-ignore format: one flag and its value beside each other
  const report = await tokentape('report', tape, '--format', 'json')
  expect(report.code).toBe(0)
  const json = JSON.parse(report.out)
  const summary = json.error_summary as {
    count: number
    error_details: { type: string; message?: string }
  }[]
  const failures = Object.fromEntries(
    summary.map(({ count, error_details }) => [error_details.type, count]),
  )
  return { run, json, ok: json.request_count?.avg ?? 0, failures, details: JSON.stringify(summary) }
}

/** A server that speaks raw bytes: `serve` gets each request's socket when its head and body are in. */
async function rawServer(serve: (socket: Socket, ordinal: number) => void): Promise<string> {
  const sockets = new Set<Socket>()
  let ordinal = 0
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    let text = ''
    socket.on('data', piece => {
      text += piece.toString('latin1')
      const head = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (head === -1 || text.length < head + 4 + length) return
      text = text.slice(head + 4 + length)
      serve(socket, ordinal++)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
const chunk = (body: string | Buffer): Buffer => {
  const bytes = Buffer.from(body as string)
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ])
}
const text = (content: string): string =>
  `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"finish_reason":null}]}\n\n`
const DONE = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

test('a kept-alive connection that is closed as it is reused is visible as what it is', async () => {
  // Each connection answers once; the second request on it meets a server that has gone.
  const served = new WeakSet<Socket>()
  const url = await rawServer(socket => {
    if (served.has(socket)) {
      socket.destroy()
      return
    }
    served.add(socket)
    socket.write(HEAD)
    socket.write(chunk(text('hello')))
    socket.write(chunk(DONE))
    socket.write('0\r\n\r\n')
  })
  const tape = path('reuse.tape')
  const { ok, failures } = await record(url, tape, '--concurrency', '1')
  expect(failures).toEqual({})
  expect(ok).toBe(10)
  // All but the first were sent again on a fresh connection, and say so; their time counts from the first send.
  const rows = await rowsOf(`
    select request_id, list(kind order by file_row_number) as kinds
    from read_parquet('${tape}/events-0.parquet', file_row_number = true)
    where kind in ('sent', 'retry', 'connect', 'end') group by all order by all`)
  expect(rows[0]!['kinds']).toEqual(['sent', 'end'])
  for (const { kinds } of rows.slice(1)) expect(kinds).toEqual(['sent', 'retry', 'connect', 'end'])
})

test('a fresh connection that is closed without an answer is not retried', async () => {
  const url = await rawServer(socket => socket.destroy())
  const tape = path('closed.tape')
  const { failures } = await record(url, tape, '--concurrency', '1')
  expect(failures).toEqual({ broken_stream: 10 })
  const [retries] = await rowsOf(`
    select count(*)::int as n from '${tape}/events-0.parquet' where kind = 'retry'`)
  // The one connection that was opened before the clock counts as kept alive.
  expect(retries!['n']).toBe(1)
})

test('a server that closes after each answer costs connections, not requests', async () => {
  const url = await rawServer(socket => {
    socket.write(HEAD)
    socket.write(chunk(text('hello')))
    socket.write(chunk(DONE))
    socket.end('0\r\n\r\n')
  })
  const { ok } = await record(url, path('closing.tape'))
  expect(ok).toBe(10)
  const [opened] = await rowsOf(
    `select count(*)::int as n from '${path('closing.tape')}/events-0.parquet' where kind = 'connect'`,
  )
  // The first two were opened before the clock.
  expect(opened!['n']).toBe(8)
})

test('a stalled stream ends by --read-timeout-seconds', async () => {
  const server = await simulator('--ttft-ms', '2', '--itl-ms', '1', '--fault', 'stall')
  const { failures, details, run } = await record(
    server.url,
    path('stall.tape'),
    '--read-timeout-seconds',
    '0.3',
  )
  expect(failures).toEqual({ timeout: 10 })
  expect(details).toContain('nothing read for 0.3 s')
  expect(run.code).toBe(3)
})

test('a slow answer ends by --request-timeout-seconds', async () => {
  const server = await simulator('--ttft-ms', '2', '--itl-ms', '100')
  const { failures } = await record(
    server.url,
    path('slow.tape'),
    '--request-timeout-seconds',
    '0.4',
  )
  expect(failures).toEqual({ timeout: 10 })
})

test('a server that never answers is a timeout too', async () => {
  const url = await rawServer(() => {})
  const { failures } = await record(url, path('silent.tape'), '--request-timeout-seconds', '0.3')
  expect(failures).toEqual({ timeout: 10 })
})

test('a name that does not resolve', async () => {
  const { failures, details, run } = await record('http://no-such-host.invalid', path('dns.tape'))
  expect(failures).toEqual({ connect_error: 10 })
  expect(details).toMatch(/ENOTFOUND|EAI_AGAIN/)
  expect(run.code).toBe(3)
})

test('a redirect is not followed', async () => {
  const server = await simulator('--fault', 'redirect')
  const { failures } = await record(server.url, path('redirect.tape'))
  expect(failures).toEqual({ http_error: 10 })
})

test('an answer before the body was read', async () => {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.end(
        'HTTP/1.1 413 Payload Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno',
      )
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { failures } = await record(url, path('early.tape'), '--isl', '60000')
  server.close()
  const total = Object.values(failures).reduce((sum, n) => sum + n, 0)
  expect(total).toBe(10)
  // The reset that follows an unread body may overtake the answer.
  expect(Object.keys(failures).every(type => ['http_error', 'broken_stream'].includes(type))).toBe(
    true,
  )
})

test.each(['slow-drip', 'split-utf8', 'invalid-utf8', 'gzip', 'data-null', 'ping'])(
  '%s reads as a whole answer',
  async fault => {
    const server = await simulator('--ttft-ms', '2', '--itl-ms', '1', '--fault', fault)
    const { ok, json, failures } = await record(server.url, path(`${fault}.tape`))
    expect(failures).toEqual({})
    expect(ok).toBe(10)
    expect(json.time_to_first_token.count).toBe(10)
    expect(json.output_sequence_length.min).toBeGreaterThanOrEqual(10)
  },
)

test('a server is asked for plain answers; one that compresses all the same is named under --keep timing', async () => {
  const asked: string[] = []
  const plain = createHttpServer((request, response) => {
    asked.push(String(request.headers['accept-encoding']))
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(text('hello') + DONE)
    })
  })
  await new Promise<void>(resolve => plain.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`
  await record(url, path('plain.tape'))
  await record(url, path('own.tape'), '--header', 'Accept-Encoding: gzip')
  plain.closeAllConnections()
  plain.close()
  expect(asked).toEqual([...Array(10).fill('identity'), ...Array(10).fill('gzip')])

  const stubborn = await simulator('--ttft-ms', '2', '--itl-ms', '1', '--fault', 'gzip')
  const { failures, details } = await record(stubborn.url, path('zip.tape'), '--keep', 'timing')
  expect(failures).toEqual({ stream_error: 10 })
  expect(details).toContain('it was compressed, so that --keep timing could not tell its text')
})

test('a single event of 100 MB', async () => {
  const server = await simulator(
    '--ttft-ms',
    '2',
    '--itl-ms',
    '1',
    '--fault',
    'big-event',
    '--fault-ratio',
    '0.3',
    '--seed',
    '4',
  )
  const tape = path('big.tape')
  const { ok, failures } = await record(server.url, tape)
  expect(failures).toEqual({})
  expect(ok).toBe(10)
  const [largest] = await rowsOf(
    `select max(n_bytes)::int as n from '${tape}/events-0.parquet' where kind = 'end'`,
  )
  expect(Number(largest!['n'])).toBeGreaterThan(100e6)
}, 120_000)

test('TLS: an unknown authority fails, --cacert and --insecure are enough', async () => {
  const files = [path('key.pem'), path('cert.pem')] as const
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      files[0],
      '-out',
      files[1],
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
    ],
    { stdio: 'pipe' },
  )
  const server = createTlsServer(
    { key: readFileSync(files[0]), cert: readFileSync(files[1]) },
    (request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(text('hello'))
        response.end(DONE)
      })
    },
  )
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve))
  const url = `https://localhost:${(server.address() as AddressInfo).port}`
  try {
    const refused = await record(url, path('tls-refused.tape'))
    expect(refused.failures).toEqual({ connect_error: 10 })
    expect(refused.details).toMatch(/SELF_SIGNED|self-signed/)
    expect((await record(url, path('tls-ca.tape'), '--cacert', files[1])).ok).toBe(10)
    expect((await record(url, path('tls-insecure.tape'), '--insecure')).ok).toBe(10)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
