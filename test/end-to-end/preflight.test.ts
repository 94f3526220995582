import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { atEnd } from '../support/at-end.ts'
import { tokentapeProcessAsTyped } from '../support/child.ts'
import { scratch, tokentapeAsTyped } from '../support/cli.ts'
import { freePorts } from '../support/free-ports.ts'
import { simulator } from '../support/simulator.ts'
import { truthOf } from '../support/truth.ts'

const path = scratch()
const KEY = 'sk-planted-0123456789'
const CLIENTS = ['onread', 'undici']
const ANSWER =
  'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

const load = (url: string, tape: string, ...flags: string[]) => [
  'record', '--model', 'm', '--streaming', '--isl', '5', '--osl', '3', '--request-count', '4',
  '--concurrency', '2', '--url', url, '-o', tape, ...flags,
] // biome-ignore format: one flag and its value beside each other

const manifestOf = (tape: string) => JSON.parse(readFileSync(`${tape}/run.json`, 'utf8'))

type Asked = { request: IncomingMessage; body: string }

/** A server of this file's own; it remembers what it was asked. */
async function server(answer: (response: ServerResponse, asked: Asked) => void) {
  const all: Asked[] = []
  const http = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', piece => {
      body += piece
    })
    request.on('end', () => {
      all.push({ request, body })
      answer(response, all.at(-1)!)
    })
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  atEnd(async () => {
    http.closeAllConnections()
    http.close()
  })
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, asked: all }
}

const refusing = (status: number, body: string) =>
  server(response => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body)
  })

test('one request precedes the run, and the manifest has it', async () => {
  const truth = path('one.truth')
  const under = await simulator('--ttft-ms', '5', '--itl-ms', '1', '--truth', truth)
  const tape = path('one.tape')
  expect(await tokentapeAsTyped(...load(under.url, tape))).toMatchObject({ code: 0 })
  await under.stop()
  const { preflight, run_id: runId } = manifestOf(tape)
  expect(preflight).toEqual([
    { url: under.url, model: 'm', status: 200, took_ns: expect.any(Number) },
  ])
  expect(preflight[0].took_ns).toBeGreaterThan(4e6)
  expect((await tokentapeAsTyped('describe', tape)).out).toMatch(
    new RegExp(`asked before +${under.url}, m: 200 after \\d+ ms\n`),
  )
  const asked = truthOf(truth).map(({ x_request_id: id }) => id.startsWith(runId))
  expect(asked).toEqual([false, true, true, true, true])
})

test('--no-preflight leaves it out, and so does --dry-run', async () => {
  const { url, asked } = await server(response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(ANSWER)
  })
  const tape = path('none.tape')
  expect(await tokentapeAsTyped(...load(url, tape), '--no-preflight')).toMatchObject({ code: 0 })
  expect(asked).toHaveLength(4)
  expect(manifestOf(tape)).not.toHaveProperty('preflight')
  expect(await tokentapeAsTyped(...load(url, tape), '--dry-run')).toMatchObject({ code: 0 })
  expect(asked).toHaveLength(4)
})

test.each(CLIENTS)(
  '%s: a port that nobody listens on ends the command in one line',
  async client => {
    const [port] = await freePorts(1)
    const tape = path(`refused-${client}.tape`)
    const url = `http://127.0.0.1:${port}`
    const run = await tokentapeAsTyped(...load(url, tape, '--http-client', client))
    expect(run).toEqual({
      code: 3,
      out: '',
      err: `error: ${url}: connect ECONNREFUSED 127.0.0.1:${port}
  hint: is the server up, and --url right? (--no-preflight records all the same)
`,
    })
    expect(existsSync(tape)).toBe(false)
  },
)

test('a name that does not resolve', async () => {
  const url = 'http://no-such-host.invalid'
  const { code, err } = await tokentapeAsTyped(...load(url, path('dns.tape')))
  expect(code).toBe(3)
  expect(err).toMatch(
    /^error: http:\/\/no-such-host\.invalid: getaddrinfo (ENOTFOUND|EAI_AGAIN) no-such-host\.invalid\n {2}hint: is the host of --url right\?/,
  )
})

test.each(CLIENTS)('%s: a server that does not speak TLS', async client => {
  const { url } = await refusing(200, ANSWER)
  const secure = url.replace('http:', 'https:')
  const flags = ['--http-client', client]
  const { code, err } = await tokentapeAsTyped(...load(secure, path('tls.tape'), ...flags))
  expect(code).toBe(3)
  expect(err.split('\n')).toHaveLength(3)
  expect(err).toContain(`error: ${secure}: ERR_SSL`)
  expect(err).toContain('--cacert FILE')
})

test.each([
  [401, 'is the key right? it is from --api-key, OPENAI_API_KEY, --header or --url'],
  [403, 'is the key right? it is from --api-key, OPENAI_API_KEY, --header or --url'],
  [
    404,
    'is "m" a model of this server (--model), and /v1/chat/completions its path (--endpoint, --endpoint-type)?',
  ],
] as const)(
  '%d ends the command with the words of the server, without the key',
  async (status, hint) => {
    const message = `no \u001b[1m${KEY}\n here`
    const { url, asked } = await refusing(status, JSON.stringify({ error: { message } }))
    const tape = path(`${status}.tape`)
    const run = await tokentapeAsTyped(...load(url, tape, '--api-key', KEY))
    const name = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }[status]
    expect(run).toEqual({
      code: 3,
      out: '',
      err: `error: ${url}/v1/chat/completions: ${status} ${name}: no \\u{1b}[1m[redacted] here
  hint: ${hint} (--no-preflight records all the same)
`,
    })
    expect(asked).toHaveLength(1)
    expect(existsSync(tape)).toBe(false)
  },
)

test('a refusal that was compressed all the same has no words', async () => {
  const { url } = await server(response => {
    response.writeHead(403, { 'content-encoding': 'gzip' }).end(gzipSync('{"error":"no"}'))
  })
  const { err } = await tokentapeAsTyped(...load(url, path('gzip.tape')))
  expect(err).toContain(`error: ${url}/v1/chat/completions: 403 Forbidden\n`)
})

test('a head is waited for no longer than a request may take', async () => {
  const { url } = await server(() => {})
  const flags = ['--request-timeout-seconds', '0.3']
  const { err } = await tokentapeAsTyped(...load(url, path('silent.tape'), ...flags))
  expect(err).toContain(`note: ${url}: no answer within 0.3 s; `)
})

test('raw with a file of prompts has nothing to send', async () => {
  writeFileSync(path('prompts.jsonl'), '{"input_length": 5, "output_length": 5}\n')
  const file = ['--input-file', path('prompts.jsonl'), '--endpoint-type', 'raw']
  const run = await tokentapeAsTyped('record', '--model', 'm', ...file, '-o', path('raw.tape'))
  expect(run).toMatchObject({ code: 2, err: expect.stringContaining('no body that could be sent') })
})

test('401 without a key says how to give one', async () => {
  vi.stubEnv('OPENAI_API_KEY', undefined)
  const { url } = await refusing(401, '')
  const { err } = await tokentapeAsTyped(...load(url, path('no-key.tape')))
  expect(err).toBe(`error: ${url}/v1/chat/completions: 401 Unauthorized
  hint: give a key with --api-key or OPENAI_API_KEY (--no-preflight records all the same)
`)
})

test.each(['profile', 'record'])('%s asks as its own requests do', async verb => {
  const { url, asked } = await server(response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(ANSWER)
  })
  const tape = path(`${verb}.tape`)
  const flags = load(`${url}/v1?team=a`, tape, '--api-key', KEY, '--header', 'X-Team: b').slice(1)
  expect(await tokentapeAsTyped(verb, ...flags)).toMatchObject({ code: 0 })
  expect(asked).toHaveLength(5)
  const headersOf = ({ request: { headers, method, url } }: Asked) => {
    const { 'x-request-id': _, 'content-length': __, ...same } = headers
    return { method, url, same }
  }
  expect(headersOf(asked[0]!)).toEqual(headersOf(asked[1]!))
  expect(manifestOf(tape).preflight).toMatchObject([{ url: `${url}/v1?team=a`, status: 200 }])
  const [first, ...rest] = asked.map(({ body }) => JSON.parse(body))
  expect(first.max_completion_tokens).toBe(1)
  for (const body of rest)
    expect(body.messages[0].content.slice(0, 4)).not.toBe(first.messages[0].content.slice(0, 4))
})

test.each(CLIENTS)('%s: the answer is not waited for, only its head', async client => {
  let hungUp: Promise<void> | undefined
  const { url } = await server((response, { request }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    // The first is left without a body until the client goes.
    if (hungUp) response.end(ANSWER)
    else hungUp = new Promise(resolve => request.socket.on('close', () => resolve()))
  })
  const flags = ['--http-client', client]
  const run = await tokentapeAsTyped(...load(url, path(`head-${client}.tape`), ...flags))
  expect(run.code).toBe(0)
  await hungUp
})

test.each([400, 429, 503])('%d is said, and is the data of the run that follows', async status => {
  const { url, asked } = await refusing(status, '{"message":"not now"}')
  const tape = path(`${status}.tape`)
  const run = await tokentapeAsTyped(...load(url, tape))
  expect(run.err).toContain(`note: ${url}/v1/chat/completions: ${status} `)
  expect(run.err).toContain(': not now; this was asked once before the run, which goes on\n')
  expect(asked).toHaveLength(5)
  expect(manifestOf(tape).preflight).toMatchObject([{ status }])
})

test('a server that hangs up is said, and the run goes on', async () => {
  const tcp = createTcpServer(socket => {
    socket.on('error', () => {}).once('data', () => socket.destroy())
  })
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
  atEnd(async () => void tcp.close())
  const url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`
  const tape = path('closed.tape')
  const { err } = await tokentapeAsTyped(...load(url, tape))
  expect(err).toContain(`note: ${url}: `)
  expect(manifestOf(tape).preflight).toMatchObject([
    { url, model: 'm', status: null, error: 'broken_stream' },
  ])
})

test('a sweep asks once, an A/B each of its servers, and each tape has what it is about', async () => {
  const [a, b] = [await refusing(500, ''), await refusing(500, '')]
  const folder = path('sweep')
  await tokentapeAsTyped(...load(a.url, folder, '--concurrency', '1,2'))
  const ids = a.asked.map(({ request }) => String(request.headers['x-request-id']))
  expect(ids.filter(id => id.startsWith('preflight-'))).toHaveLength(1)
  for (const name of ['c1', 'c2'])
    expect(manifestOf(`${folder}/${name}.tape`).preflight).toMatchObject([{ url: a.url }])

  const pair = path('pair')
  await tokentapeAsTyped(...load(a.url, pair, '--url', b.url, '--ab'))
  expect(manifestOf(`${pair}/a.tape`).preflight).toMatchObject([{ url: a.url, status: 500 }])
  expect(manifestOf(`${pair}/b.tape`).preflight).toMatchObject([{ url: b.url, status: 500 }])
})

test('one of two servers that is down ends the command before the other is loaded', async () => {
  const up = await server(response => void response.writeHead(200).end(ANSWER))
  const [port] = await freePorts(1)
  const down = `http://127.0.0.1:${port}`
  const run = await tokentapeAsTyped(...load(up.url, path('down'), '--url', down, '--ab'))
  expect(run).toMatchObject({ code: 3, err: expect.stringContaining(`error: ${down}: connect`) })
  expect(up.asked.length).toBeLessThanOrEqual(1)
})

test('a tape that is there is refused before anything is asked', async () => {
  const { url, asked } = await server(response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(ANSWER)
  })
  const tape = path('there.tape')
  expect((await tokentapeAsTyped(...load(url, tape))).code).toBe(0)
  const before = asked.length
  const again = await tokentapeAsTyped(...load(url, tape))
  expect(again).toMatchObject({ code: 2, err: expect.stringContaining('exists already') })
  expect(asked).toHaveLength(before)
})

test('--force does not cost the old tape when the server is down', async () => {
  const { url } = await server(response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(ANSWER)
  })
  const tape = path('old.tape')
  await tokentapeAsTyped(...load(url, tape))
  const old = manifestOf(tape)
  const [port] = await freePorts(1)
  const run = await tokentapeAsTyped(...load(`http://127.0.0.1:${port}`, tape, '--force'))
  expect(run.code).toBe(3)
  expect(manifestOf(tape)).toEqual(old)
})

test('a listener that never answers: connecting has its limit, and the run goes on', async () => {
  const sockets: Socket[] = []
  const tcp = createTcpServer(socket => void sockets.push(socket.on('error', () => {})))
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
  atEnd(async () => {
    for (const socket of sockets) socket.destroy()
    tcp.close()
  })
  const { port } = tcp.address() as AddressInfo
  const run = tokentapeProcessAsTyped(
    ...load(`https://127.0.0.1:${port}`, path('mute.tape'), '--connect-timeout-seconds', '0.3'),
  )
  await run.says(`note: https://127.0.0.1:${port}: no connection within 0.3 s`)
})

test('Ctrl-C while connecting ends it', async () => {
  const sockets: Socket[] = []
  let connecting: () => void = () => {}
  const isConnecting = new Promise<void>(resolve => {
    connecting = resolve
  })
  const tcp = createTcpServer(socket => {
    sockets.push(socket.on('error', () => {}))
    connecting()
  })
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
  atEnd(async () => {
    for (const socket of sockets) socket.destroy()
    tcp.close()
  })
  const { port } = tcp.address() as AddressInfo
  const run = tokentapeProcessAsTyped(...load(`https://127.0.0.1:${port}`, path('stop.tape')))
  await isConnecting
  run.child.kill('SIGINT')
  expect(await run.exited).toBe(130)
  expect(run.text()).toBe('stopped before the first request: nothing was recorded\n')
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends it with exit code 130',
  async signal => {
    let asked: () => void = () => {}
    const isAsked = new Promise<void>(resolve => {
      asked = resolve
    })
    const { url } = await server(() => asked())
    const tape = path(`${signal}.tape`)
    const run = tokentapeProcessAsTyped(...load(url, tape))
    await isAsked
    run.child.kill(signal)
    expect(await run.exited).toBe(130)
    expect(run.text()).toBe('stopped before the first request: nothing was recorded\n')
    expect(existsSync(tape)).toBe(false)
  },
)
