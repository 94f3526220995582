import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { simulator } from '../support/simulator.ts'

const FAULTS: Record<string, (wire: Wire) => void> = {
  'status-400': ({ text }) => expect(text).toMatch(/^HTTP\/1.1 400 /),
  'status-401': ({ text }) => expect(text).toMatch(/^HTTP\/1.1 401 /),
  'status-404': ({ text }) => expect(text).toMatch(/^HTTP\/1.1 404 /),
  'status-429': ({ text }) => expect(text).toMatch(/^HTTP\/1.1 429 [\s\S]*retry-after: 1/),
  'status-500': ({ text }) => expect(text).toMatch(/^HTTP\/1.1 500 /),
  'status-503': ({ text }) => expect(text).toMatch(/^HTTP\/1.1 503 /),
  html: ({ text }) => expect(text).toMatch(/^HTTP\/1.1 200 [\s\S]*text\/html[\s\S]*<h1>/),
  redirect: ({ text }) => expect(text).toMatch(/^HTTP\/1.1 302 [\s\S]*location: \/elsewhere/),
  'close-before-response': ({ text, closed }) =>
    expect({ text, closed }).toEqual({ text: '', closed: true }),
  'keepalive-race': ({ text, closed }) =>
    expect({ text, closed }).toEqual({ text: '', closed: true }),
  cut: ({ text, closed, reset }) => {
    expect({ closed, reset, ended: text.endsWith(LAST) }).toEqual({
      closed: true,
      reset: false,
      ended: false,
    })
    expect(tokensIn(text)).toBe(3)
  },
  reset: ({ text, reset }) => {
    expect(reset).toBe(true)
    expect(tokensIn(text)).toBeLessThanOrEqual(3)
  },
  stall: ({ text, closed }) => {
    expect(closed).toBe(false)
    expect(tokensIn(text)).toBe(3)
  },
  'midstream-error': ({ text }) => {
    expect(text).toContain('data: {"error":{"code":500')
    expect(text.endsWith(LAST)).toBe(true)
    expect(text).not.toContain('[DONE]')
  },
  'no-done': ({ text }) => {
    expect(tokensIn(text)).toBe(6)
    expect(text.endsWith(LAST)).toBe(true)
    expect(text).not.toContain('[DONE]')
  },
  'data-null': ({ text }) => expect(text).toMatch(/data: null\n\n[\s\S]*\[DONE\]/),
  ping: ({ text }) => expect(text).toMatch(/: ping\n\n[\s\S]*\[DONE\]/),
  'big-event': ({ text }) => {
    expect(text.length).toBeGreaterThan(300_000)
    expect(text).toContain('[DONE]')
  },
  'slow-drip': ({ text }) => expect(text).toMatch(/\r\n1\r\nd\r\n1\r\na\r\n1\r\nt\r\n/),
  'split-utf8': ({ bytes }) => {
    // A chunk ends after the second byte of the character.
    expect(bytes.includes(Buffer.from([0xf0, 0x9f, 0x0d, 0x0a]))).toBe(true)
    expect(bytes.includes('[DONE]')).toBe(true)
  },
  'invalid-utf8': ({ bytes }) => expect(bytes.includes(0xff)).toBe(true),
  gzip: ({ text }) => expect(text).toMatch(/content-encoding: gzip/i),
}

const LAST = '\r\n0\r\n\r\n'
const tokensIn = (text: string): number =>
  text.split('"content":"').length - 1 - (text.includes('"role"') ? 1 : 0)

type Wire = { bytes: Buffer; text: string; closed: boolean; reset: boolean }

/** A request by hand, so that what is seen is what was on the wire. Ends with the answer, or when it is still. */
const wireOf = (port: number, fault: string): Promise<Wire> =>
  new Promise(resolve => {
    const pieces: Buffer[] = []
    let reset = false
    const socket = connect(port, '127.0.0.1')
    const body = JSON.stringify({
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: 'a' }],
      max_tokens: 6,
    })
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\nx-simulate-fault: ${fault}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    const done = (closed: boolean): void => {
      const bytes = Buffer.concat(pieces)
      socket.destroy()
      resolve({ bytes, text: bytes.toString('latin1'), closed, reset })
    }
    socket.on('data', piece => {
      pieces.push(piece)
      if (piece.toString('latin1').endsWith(LAST)) done(false)
    })
    socket.on('error', error => {
      reset = (error as NodeJS.ErrnoException).code === 'ECONNRESET'
    })
    socket.on('close', () => done(true))
    // Nothing more is said: the wire is as it will stay.
    socket.setTimeout(1000, () => done(false))
  })

test.each(Object.keys(FAULTS))('fault %s is on the wire', async fault => {
  const server = await simulator('--ttft-ms', '2', '--itl-ms', '2', '--big-event-bytes', '300000')
  let wire = await wireOf(server.port, fault)
  // libuv calls a reset an end when data came in the same turn of its loop.
  for (let i = 0; i < 20 && fault === 'reset' && !wire.reset; i++)
    wire = await wireOf(server.port, fault)
  FAULTS[fault]!(wire)
})

test('every fault has a test', async () => {
  const { FAULTS: known } = await import('../../simulator/faults.ts')
  expect(Object.keys(FAULTS).sort()).toEqual(Object.keys(known).sort())
})

test('--fault-ratio 0 befalls nobody', async () => {
  const server = await simulator(
    '--ttft-ms',
    '1',
    '--itl-ms',
    '1',
    '--fault',
    'status-500',
    '--fault-ratio',
    '0',
  )
  const { text } = await wireOf(server.port, '')
  expect(text).toContain('[DONE]')
})
