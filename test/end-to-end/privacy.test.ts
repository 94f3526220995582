import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { wordsOf } from '../support/tape-words.ts'

const path = scratch()
const KEY = 'sk-planted-0123456789'
const COOKIE = 'session=planted-cookie-value'
const PASSWORD = 'planted-password'
const QUERY = 'planted-query-key'
const ANSWER = 'planted-answer'
const PROMPT_FIELD = 'planted-extra-input'
const HEADER = 'planted-header-value'
const ERROR = 'planted-error-body'

/** A server that repeats everything it was told, in every place it has. */
let server: Server
let host: string
beforeAll(async () => {
  server = createServer((request, response) => {
    const told = JSON.stringify([
      request.headers.authorization,
      request.headers.cookie,
      request.url,
    ])
    request.resume().on('end', () => {
      const failing = Number(request.headers['x-request-id']?.toString().split('-').pop()) % 2 === 1
      if (failing) {
        response.writeHead(500, { 'content-type': 'application/json', 'x-request-id': HEADER })
        response.end(JSON.stringify({ error: { message: `${ERROR} ${told}` } }))
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream', server: HEADER })
      const content = `${ANSWER} ${told}`
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`)
      response.write(`: ${ANSWER}\n\n`)
      response.end(
        'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":9,"total_tokens":14}}\n\ndata: [DONE]\n\n',
      )
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const flags = (tape: string) => [
  'record', '--model', 'm', '--streaming', '--isl', '5', '--request-count', '10', '-o', tape,
  '--url', `http://user:${PASSWORD}@${host}/v1?api_key=${QUERY}`, '--api-key', KEY,
  '--header', `Cookie: ${COOKIE}`, '--header', `X-Auth-Token: ${HEADER}`,
  '--extra-inputs', `user:${PROMPT_FIELD}`,
] // biome-ignore format: one flag and its value beside each other

test('raw keeps the answer, and no key, cookie or password anywhere', async () => {
  const run = await tokentape(...flags(path('raw.tape')))
  expect(run.code).toBe(0)
  const report = await tokentape('report', path('raw.tape'))
  const words = (await wordsOf(path('raw.tape'))) + run.out + run.err + report.out + report.err
  expect(words).toContain(ANSWER)
  expect(words).toContain(PROMPT_FIELD)
  for (const secret of [KEY, COOKIE, PASSWORD, QUERY])
    expect(words.includes(secret), secret).toBe(false)
})

test('timing keeps no text at all, and still reports times and counts', async () => {
  const tape = path('timing.tape')
  const run = await tokentape(...flags(tape), '--keep', 'timing', '--keep-bodies')
  expect(run.code).toBe(0)
  const report = await tokentape('report', tape, '--format', 'json')
  const words = (await wordsOf(tape)) + run.out + run.err + report.out + report.err
  for (const secret of [KEY, COOKIE, PASSWORD, QUERY, ANSWER, HEADER, ERROR, PROMPT_FIELD])
    expect(words.includes(secret), secret).toBe(false)
  const json = JSON.parse(report.out)
  expect(json.request_count.avg).toBe(5)
  expect(json.error_request_count.avg).toBe(5)
  expect(json.time_to_first_token.count).toBe(5)
  // The server's usage: without text nothing else can count tokens.
  expect(json.output_sequence_length).toMatchObject({ min: 9, max: 9 })
})
