import { expect, test } from 'vitest'
import { responseReader } from '../../../recorder/http/response-reader.ts'
import { randomFor } from '../../../recorder/random.ts'

/** What a reader says of bytes that come in these pieces. */
function readAll(pieces: readonly Buffer[], closes = false) {
  const answers: {
    status: number
    headers: Record<string, string>
    body: string
    whole: boolean
  }[] = []
  const reader = responseReader({
    head: (status, headers) =>
      answers.push({ status, headers: { ...headers }, body: '', whole: false }),
    body(bytes) {
      answers.at(-1)!.body += bytes.toString('latin1')
    },
    end() {
      answers.at(-1)!.whole = true
    },
  })
  reader.expect()
  const shared = Buffer.alloc(64 * 1024, 'stale\r\n\r\n')
  let wanted = true
  for (const piece of pieces) {
    piece.copy(shared)
    wanted &&= reader.read(shared, piece.length)
  }
  const cutShort = closes && reader.closed()
  return { answers, cutShort, wanted, reusable: reader.reusable() }
}

const cut = (bytes: Buffer, random: () => number, mean: number): Buffer[] => {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const to = Math.min(bytes.length, at + 1 + Math.floor(random() * 2 * mean))
    pieces.push(bytes.subarray(at, to))
    at = to
  }
  return pieces
}

const FRAMINGS = ['chunked', 'counted', 'until-close'] as const

/** A random answer, as bytes and as what a reader must make of it. */
function answerOf(random: () => number) {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const status = pick([200, 201, 400, 429, 503])
  const framing = pick(FRAMINGS)
  const pieces = Array.from({ length: Math.floor(random() * 6) }, () =>
    Array.from({ length: 1 + Math.floor(random() * 300) }, () =>
      pick(['\r', '\n', '0', 'a', '\r\n\r\n', 'data: {}\n\n', 'é']),
    ).join(''),
  )
  const body = pieces.join('')
  const hex = (n: number): string =>
    pick([n.toString(16), n.toString(16).toUpperCase(), `000${n.toString(16)}`])
  const extension = (): string => pick(['', '', ';name=value', ';x="y;z"'])
  const framed = {
    chunked: () =>
      pieces
        .map(piece => `${hex(piece.length)}${extension()}\r\n${piece}\r\n`)
        .concat(pick(['0\r\n\r\n', '000\r\nx-trailer: 1\r\n\r\n']))
        .join(''),
    counted: () => body,
    'until-close': () => body,
  }[framing]()
  const length = {
    chunked: 'Transfer-Encoding: Chunked\r\n',
    counted: `content-length:${pick(['', ' ', '\t'])}${body.length}\r\n`,
    'until-close': '',
  }[framing]
  const text = `${pick(['', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'])}HTTP/1.1 ${status} ${pick(['OK', '', 'Some words'])}\r\nContent-Type: text/event-stream\r\nX-Twice: a\r\nx-twice: b\r\n${length}\r\n${framed}`
  return {
    bytes: Buffer.from(text, 'latin1'),
    status,
    body: Buffer.from(body, 'latin1').toString('latin1'),
    framing,
  }
}

test('any answer, cut anywhere, is read as what was sent', () => {
  for (let seed = 0; seed < 400; seed++) {
    const random = randomFor(seed, 'answer', 0)
    const { bytes, status, body, framing } = answerOf(random)
    const pieces = cut(bytes, random, [1, 7, 200, 5000][seed % 4]!)
    const { answers, cutShort, wanted, reusable } = readAll(pieces, true)
    expect(answers, `seed ${seed}`).toHaveLength(1)
    expect(answers[0], `seed ${seed}`).toMatchObject({ status, body, whole: true })
    expect(answers[0]!.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'x-twice': 'a, b',
    })
    expect({ cutShort, wanted }).toEqual({ cutShort: false, wanted: true })
    expect(reusable).toBe(framing !== 'until-close')
  }
})

test('an answer that is cut short says so, at every byte', () => {
  for (const text of [
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ])
    for (let end = 0; end < text.length; end++)
      expect(readAll([Buffer.from(text.slice(0, end))], true).cutShort, `${end}`).toBe(true)
})

const OK = 'HTTP/1.1 200 OK\r\n'
test.each([
  ['SSH-2.0-OpenSSH\r\n\r\n', 'not an HTTP/1.1 status line'],
  ['HTTP/2 200\r\n\r\n', 'not an HTTP/1.1 status line'],
  ['HTTP/1.1 20 OK\r\n\r\n', 'not an HTTP/1.1 status line'],
  ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 'switched protocols'],
  [`${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`, 'both'],
  [`${OK}content-length: 5\r\ncontent-length: 6\r\n\r\n`, 'content-length'],
  [`${OK}content-length: -5\r\n\r\n`, 'content-length'],
  [`${OK}content-length: 0x5\r\n\r\n`, 'content-length'],
  [`${OK}transfer-encoding: gzip, chunked\r\n\r\n`, 'transfer-encoding'],
  [`${OK}transfer-encoding: identity\r\n\r\n`, 'transfer-encoding'],
  [`${OK} folded: 1\r\n\r\n`, 'not a header'],
  [`${OK}no colon\r\n\r\n`, 'not a header'],
  [`${OK}transfer-encoding: chunked\r\n\r\n-1\r\n`, 'not a chunk size'],
  [`${OK}transfer-encoding: chunked\r\n\r\n5g\r\n`, 'not a chunk size'],
  [`${OK}transfer-encoding: chunked\r\n\r\n\r\n`, 'not a chunk size'],
  [`${OK}transfer-encoding: chunked\r\n\r\nffffffffffffff\r\n`, 'not a chunk size'],
  [`${OK}transfer-encoding: chunked\r\n\r\n2\r\nabc\r\n`, 'a chunk is longer|a line of more'],
  [`${OK}transfer-encoding: chunked\r\n\r\n${'1;'.repeat(3000)}\r\n`, 'a line of more'],
  [`${OK}x: ${'y'.repeat(70_000)}\r\n\r\n`, 'a line of more'],
  // What node:http and undici refuse, too.
  ['HTTP/1.1 099 No\r\n\r\n', 'not an HTTP/1.1 status line'],
  ['HTTP/1.1 200 OK\r\r\n\r\n', 'not an HTTP/1.1 status line'],
  [`HTTP/1.1 200 OK\n\r\n`, 'ends without CR'],
  [`${OK}a: b\n\r\n`, 'ends without CR'],
  [`${OK}a: b\0c\r\n\r\n`, 'not a header'],
  [`${OK}a: b\rc\r\n\r\n`, 'not a header'],
  [`${OK}a : b\r\n\r\n`, 'not a header'],
  [`${OK}content-length: 5\r\ncontent-length: 5\r\n\r\n`, 'content-length "5, 5"'],
  [`${OK}content-length: 5,\r\n\r\n`, 'content-length'],
  [`${OK}content-length:\r\n\r\n`, 'content-length ""'],
  [`${OK}content-length: 5\t\r\n\r\n`, 'a tab behind a content-length'],
  [`${OK}transfer-encoding: chunked\r\n\r\n1\na\r\n`, 'ends without CR'],
  [`${OK}transfer-encoding: chunked\r\n\r\n1\r\na\n`, 'ends without CR'],
  [`${OK}transfer-encoding: chunked\r\n\r\n0\r\n\n`, 'ends without CR'],
  [`${OK}transfer-encoding: chunked\r\n\r\n1 \r\na`, 'not a chunk size'],
  [`${OK}transfer-encoding: chunked\r\n\r\n1;a="b\r\na`, 'not a chunk size'],
  [`${OK}transfer-encoding: chunked\r\n\r\n1;;\r\na`, 'not a chunk size'],
  [`${OK}transfer-encoding: chunked\r\n\r\n0\r\nno colon\r\n`, 'not a header'],
  [`${OK}transfer-encoding: chunked\r\n\r\n0\r\ncontent-length: 5\r\n`, 'a trailer content-length'],
  ['HTTP/1.1 304 No\r\ncontent-length: 5\r\n\r\n', 'a body with status 304'],
  // Where the two do not look, or end the answer elsewhere than we did.
  ['HTTP/1.1 204 No\r\ntransfer-encoding: chunked\r\n\r\n', 'a body with status 204'],
  [`${OK}transfer-encoding: chunked,\r\n\r\n`, 'transfer-encoding'],
  [`${OK}transfer-encoding:\r\n\r\n`, 'transfer-encoding ""'],
  [`${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(17)}${OK}\r\n`, 'more than 16 answers of status 1xx'],
  [`${OK}${'a: b\r\n'.repeat(257)}\r\n`, 'a head of more than 256 lines'],
  [`${'\r\n'.repeat(300)}${OK}\r\n`, 'a head of more than 256 lines'],
  [
    `${OK}transfer-encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(11_000)}\r\n`,
    'more than 65536 bytes of trailers',
  ],
])('refused: %j', (text, reason) => {
  const bytes = Buffer.from(text)
  for (const mean of [1, 40_000])
    expect(() => readAll(cut(bytes, () => 0.5, mean))).toThrow(new RegExp(reason))
})

test.each([
  [`${OK}content-length: 2\r\n\r\nok`, true],
  [`${OK}content-length: 2\r\nconnection: close\r\n\r\nok`, false],
  ['HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', false],
  ['HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: Keep-Alive\r\n\r\nok', true],
  [`${OK}content-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n`, false],
  ['HTTP/1.1 204 No Content\r\n\r\n', true],
])('whether a connection may be used again: %j', (text, reusable) => {
  const read = readAll([Buffer.from(text)])
  expect(read.answers[0]!.whole).toBe(true)
  expect(read.reusable).toBe(reusable)
})

test('bytes between answers are not wanted', () => {
  const pieces = [`${OK}content-length: 2\r\n\r\nok`, 'more'].map(text => Buffer.from(text))
  expect(readAll(pieces).wanted).toBe(false)
})

test('as many 1xx answers, header lines and trailers as may be are read', () => {
  const chunked = 'transfer-encoding: chunked\r\n'
  const informational = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(16)
  const trailers = `x: ${'y'.repeat(1019)}\r\n`.repeat(63)
  const text = `${informational}${OK}${'a: b\r\n'.repeat(255)}${chunked}\r\n0\r\n${trailers}\r\n`
  expect(readAll(cut(Buffer.from(text), () => 0.5, 30_000))).toMatchObject({
    answers: [{ whole: true }],
    reusable: true,
  })
})

const silent = () => responseReader({ head() {}, body() {}, end() {} })

test('an answer is expected only where none is awaited', () => {
  const reader = silent()
  expect(reader.expect()).toBe(true)
  expect(reader.expect()).toBe(false)
  const half = Buffer.from(`${OK}content-length: 2\r\n\r\no`)
  reader.read(half, half.length)
  expect(reader.expect(), 'in the middle of a body').toBe(false)
  reader.read(Buffer.from('k'), 1)
  expect(reader.expect(), 'once it was whole').toBe(true)
  expect(() => reader.read(Buffer.from('junk\r\n\r\n'), 8)).toThrow('not an HTTP/1.1 status line')
  expect(reader.expect(), 'after a malformed one').toBe(false)
  reader.reset()
  expect(reader.expect(), 'on a new connection').toBe(true)
})

test('what has begun and is not whole, and how many bytes have come', () => {
  const reader = silent()
  reader.expect()
  const seen = (text: string) => {
    reader.read(Buffer.from(text), text.length)
    return [reader.unfinished(), reader.bytesSinceExpect()]
  }
  expect([reader.unfinished(), reader.bytesSinceExpect()]).toEqual([null, 0])
  expect(seen('\r')).toEqual(['head', 1])
  expect(seen('\n')).toEqual(['head', 2])
  expect(seen('HTTP/1.1 100 Continue\r\n')).toEqual(['head', 25])
  expect(seen('\r\n'), 'a 1xx is whole, and nothing of the next head is there').toEqual([null, 27])
  expect(seen('H')).toEqual(['head', 28])
  expect(seen('TTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')).toEqual([null, 74])
  expect(seen('1\r\na\r\n')).toEqual([null, 80])
  expect(seen('0\r')).toEqual([null, 82])
  expect(seen('\n')).toEqual(['trailers', 83])
  expect(seen('a: b\r\n\r')).toEqual(['trailers', 90])
  expect(seen('\n')).toEqual([null, 91])
  reader.expect()
  expect([reader.unfinished(), reader.bytesSinceExpect()]).toEqual([null, 0])
})
