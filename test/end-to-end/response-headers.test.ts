import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'

const path = scratch()
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'Server-Timing': 'queue;dur=12.5',
      'X-RateLimit-Remaining-Tokens': '14000',
      'X-Envoy-Upstream-Service-Time': '42',
      'X-Worker': 'gpu-7',
      'X-Other': 'left out',
      'Set-Cookie': 'a=1',
    })
    response.end(
      'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    )
  })
})
let url: string
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function headersOf(tape: string, ...flags: string[]): Promise<string> {
  const load = ['--model', 'm', '--streaming', '--isl', '5', '--request-count', '2', '--url', url]
  const run = await tokentape('record', ...load, ...flags, '-o', tape)
  expect(run).toMatchObject({ code: 0 })
  const { out } = await tokentape(
    'sql',
    tape,
    'select name, value, count(*) as n from response_headers group by all order by all',
    '--format',
    'csv',
  )
  return out
}

test.each(['onread', 'undici'])(
  '%s: what is kept by default, and what is asked for',
  async client => {
    const tape = path(`${client}.tape`)
    expect(await headersOf(tape, '--http-client', client, '--keep-header', 'X-Worker')).toBe(
      `name,value,n
content-type,text/event-stream,2
server-timing,queue;dur=12.5,2
x-envoy-upstream-service-time,42,2
x-ratelimit-remaining-tokens,14000,2
x-worker,gpu-7,2
`,
    )
  },
)

test('--keep timing keeps the type alone', async () => {
  expect(await headersOf(path('timing.tape'), '--keep', 'timing')).toBe(
    'name,value,n\ncontent-type,text/event-stream,2\n',
  )
})

test('a header that holds a secret is refused', async () => {
  expect(await tokentape('record', '--model', 'm', '--keep-header', 'Set-Cookie')).toMatchObject({
    code: 2,
    err: `error: --keep-header: set-cookie holds a secret, which no tape keeps
  hint: leave --keep-header Set-Cookie out
`,
  })
})
