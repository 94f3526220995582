import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { readTruth } from '../../recorder/calibrate-truth.ts'
import { dueHeap } from '../../simulator/due-heap.ts'
import { requestReader } from '../../simulator/request-reader.ts'
import { TOKEN_BYTES, tokenChunk } from '../../simulator/token-chunks.ts'
import { scratch } from '../support/cli.ts'
import { random, splits } from '../support/random.ts'

const path = scratch()
type Child = typeof import('../../simulator/child.ts')
const { startTruthServer }: Child = await import(
  new URL('../../dist/simulator/child.js', import.meta.url).href
)

test('the heap gives back what it was given, the earliest first', () => {
  const next = random(1)
  const heap = dueHeap(500)
  const dues = Array.from({ length: 500 }, () => Math.floor(next() * 100))
  for (const [stream, due] of dues.entries()) heap.push(due, stream)
  const found: number[] = []
  while (heap.firstNs() < Number.POSITIVE_INFINITY) {
    expect(dues[heap.firstStream()]).toBe(heap.firstNs())
    found.push(heap.firstNs())
    heap.pop()
  }
  expect(found).toEqual([...dues].sort((a, b) => a - b))
})

test('requests are found however the bytes are cut', () => {
  const text = [
    'POST /a HTTP/1.1\r\nX-Request-Id: run-7-12\r\nContent-Length: 5\r\n\r\nhello',
    'GET /b HTTP/1.1\r\nhost: h\r\n\r\n',
    'POST /c HTTP/1.1\r\ncontent-length: 3\r\nx-request-id: 4\r\n\r\n\r\n\r',
  ].join('')
  for (let seed = 0; seed < 50; seed++) {
    const found: unknown[] = []
    const read = requestReader(head => found.push(head))
    for (const piece of splits(Buffer.from(text), random(seed))) read(Buffer.from(piece))
    expect(found).toEqual([
      { method: 'POST', path: '/a', requestId: 12 },
      { method: 'GET', path: '/b', requestId: -1 },
      { method: 'POST', path: '/c', requestId: 4 },
    ])
  }
})

test('every token message has the same length', () => {
  for (let i = 0; i < 200; i++) {
    const [size, body] = tokenChunk(i).toString().split('\r\n') as [string, string]
    expect(Number.parseInt(size, 16)).toBe(TOKEN_BYTES)
    expect(body).toHaveLength(TOKEN_BYTES)
    expect(JSON.parse(body.slice(6)).choices[0].delta.content).toMatch(/^ [a-z]+$/)
  }
})

test('its truth: each token after its due time, none seen before its stamp', async () => {
  // biome-ignore format: one flag and its value beside each other
  const server = await startTruthServer([
    '--truth', path('truth.f64'), '--ttft-ms', '10', '--tokens-per-second', '200', '--output-tokens', '20',
  ])
  expect(server.tokenBytes).toBe(TOKEN_BYTES)
  let body = ''
  let lastNs = 0
  const socket = connect(server.port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nx-request-id: a-3\r\ncontent-length: 2\r\n\r\n{}')
  for await (const piece of socket) {
    body += piece
    lastNs = Number(process.hrtime.bigint())
    if (body.endsWith('\r\n0\r\n\r\n')) break
  }
  await server.stop()
  const { receivedNs, firstToken, writtenNs, dueNs } = readTruth(path('truth.f64'))
  expect(body.split('"content"').length - 1).toBe(writtenNs.length)
  expect([...firstToken]).toEqual([0, 0, 0, 0, writtenNs.length])
  expect(writtenNs[0]! - receivedNs[3]!).toBeGreaterThanOrEqual(10e6)
  expect([...writtenNs]).toEqual([...writtenNs].sort((a, b) => a - b))
  for (const [i, ns] of writtenNs.entries()) expect(ns).toBeGreaterThanOrEqual(dueNs[i]!)
  expect(lastNs).toBeGreaterThanOrEqual(writtenNs.at(-1)!)
})

test('lockstep: every token of every stream is due at a whole step', async () => {
  // biome-ignore format: one flag and its value beside each other
  const server = await startTruthServer([
    '--truth', path('step.f64'), '--ttft-ms', '5', '--lockstep-ms', '20', '--output-tokens', '5',
  ])
  const ask = { method: 'POST', body: '{}' }
  await Promise.all([1, 2, 3].map(async () => (await fetch(server.url, ask)).text()))
  await server.stop()
  const { dueNs } = readTruth(path('step.f64'))
  expect([...dueNs].filter(ns => ns % 20e6 !== 0)).toEqual([])
})

test('a client that leaves in mid-stream is no trouble', async () => {
  const server = await startTruthServer(['--ttft-ms', '1', '--tokens-per-second', '1000'])
  for (let i = 0; i < 20; i++) {
    const controller = new AbortController()
    const response = await fetch(server.url, {
      method: 'POST',
      body: '{}',
      signal: controller.signal,
    })
    await response.body!.getReader().read()
    controller.abort()
  }
  const whole = await fetch(server.url, { method: 'POST', body: '{}' })
  expect(await whole.text()).toContain('[DONE]')
  await server.stop()
})
