import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { start } from '../support/child.ts'
import { scratch, tokentape } from '../support/cli.ts'

/** @copilotkit/aimock: a server that others wrote, with habits of its own (it estimates usage, for one). */
const AIMOCK = new URL('../../node_modules/@copilotkit/aimock/dist/cli.js', import.meta.url)
  .pathname

const path = scratch()
const STEADY = 'Gravity is a fundamental force of nature that attracts objects with mass.'
const FIXTURES = [
  {
    match: { model: 'steady' },
    response: {
      content: STEADY,
      usage: { prompt_tokens: 40, completion_tokens: 16, total_tokens: 56 },
    },
    chunkSize: 5,
    streamingProfile: { ttft: 100, tps: 50, jitter: 0 },
  },
  {
    match: { model: 'emoji' },
    response: { content: '🦙🦙 says hello 🦙' },
    chunkSize: 1,
  },
  {
    match: { model: 'thinking' },
    response: { content: 'Forty-two.', reasoning: 'Let me think about it.' },
    chunkSize: 4,
  },
  {
    match: { model: 'gone' },
    response: { content: 'This answer will lose its connection before it is over.' },
    chunkSize: 4,
    latency: 50,
    disconnectAfterMs: 200,
  },
  {
    match: { model: 'busy' },
    response: { error: { message: 'Rate limit exceeded.', type: 'rate_limit_error' }, status: 429 },
  },
]

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

let url: string
beforeAll(async () => {
  writeFileSync(path('fixtures.json'), JSON.stringify({ fixtures: FIXTURES }))
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const args = ['-p', String(port), '-h', '127.0.0.1', '-f', path('fixtures.json'), '--metrics']
  await start(process.execPath, [AIMOCK, ...args]).says('server listening on')
})

async function recorded(model: string, requests = 10) {
  const tape = path(`${model}.tape`)
  const run = await tokentape(
    'record', '--model', model, '--url', url, '--streaming', '--isl', '20', '--concurrency', '5',
    '--request-count', String(requests), '-o', tape,
  ) // biome-ignore format: one flag and its value beside each other
  const report = await tokentape('report', tape, '--format', 'json')
  expect(report.code).toBe(0)
  return { run, json: JSON.parse(report.out) }
}

test('token counts, times and the server’s own usage are right', async () => {
  const { run, json } = await recorded('steady')
  expect(run.code).toBe(0)
  expect(json.request_count.avg).toBe(10)
  expect(json.error_request_count.avg).toBe(0)
  expect(json.input_sequence_length).toMatchObject({ avg: 20, min: 20, max: 20 })
  // Its 73 characters come in 15 chunks; how many tokens they are is for the tokenizer to say.
  expect(json.output_sequence_length.min).toBeGreaterThanOrEqual(12)
  expect(json.output_sequence_length.max).toBeLessThanOrEqual(20)
  expect(json.time_to_first_token.min).toBeGreaterThanOrEqual(99)
  expect(json.time_to_first_token.p50).toBeLessThan(200)
  // 50 chunks a second, 14 gaps.
  expect(json.inter_chunk_latency.count).toBe(140)
  expect(json.inter_chunk_latency.avg).toBeGreaterThan(19)
  expect(json.inter_chunk_latency.avg).toBeLessThan(30)
})

test('characters that are split over events are one text', async () => {
  const { run, json } = await recorded('emoji')
  expect(run.code).toBe(0)
  expect(json.request_count.avg).toBe(10)
  expect(json.output_sequence_length.min).toBe(json.output_sequence_length.max)
})

test('reasoning before the role message counts as output', async () => {
  const { json } = await recorded('thinking')
  expect(json.request_count.avg).toBe(10)
  expect(json.output_sequence_length.min).toBeGreaterThan(6)
})

test('a connection that goes away in mid-stream is broken_stream', async () => {
  const { run, json } = await recorded('gone')
  expect(run.code).toBe(3)
  expect(json.error_request_count.avg).toBe(10)
  expect(json.error_summary[0].error_details.type).toBe('broken_stream')
})

test('429 is http_error with its status', async () => {
  const { run, json } = await recorded('busy')
  expect(run.code).toBe(3)
  expect(json.error_summary).toEqual([
    expect.objectContaining({
      count: 10,
      error_details: expect.objectContaining({ type: 'http_error', code: 429 }),
    }),
  ])
})
