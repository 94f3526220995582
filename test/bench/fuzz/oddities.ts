import type { Oddity } from './answers.ts'

const header = (...lines: string[]): Oddity => ({
  parts: (parts, { pick }) => void parts.headers.push(pick(lines)),
})
const statusLine = (...lines: string[]): Oddity => ({
  parts(parts, { pick }) {
    parts.statusLine = pick(lines)
  },
})
const before = (...texts: string[]): Oddity => ({
  parts(parts, { pick }) {
    parts.before = pick(texts)
  },
})
/** The length's value, from the true one. */
const contentLength = (...values: ((n: number) => string)[]): Oddity => ({
  framing: 'counted',
  parts(parts, { pick }) {
    parts.lengths = [`Content-Length:${pick(values)(parts.pieces.join('').length)}`]
  },
})
const coding = (...values: string[]): Oddity => ({
  framing: 'chunked',
  parts(parts, { pick }) {
    parts.lengths = [`Transfer-Encoding:${pick(values)}`]
  },
})
const size = (...lines: ((n: number) => string)[]): Oddity => ({
  framing: 'chunked',
  parts(parts, { pick }) {
    parts.sizeLine = piece => pick(lines)(piece.length)
  },
})
const trailers = (...lines: string[][]): Oddity => ({
  framing: 'chunked',
  parts(parts, { pick }) {
    parts.trailers = pick(lines)
  },
})
const after = (...texts: string[]): Oddity => ({
  parts(parts, { pick }) {
    if (parts.framing !== 'until-close') parts.after = pick(texts)
  },
})
const harmless = (oddity: Oddity): Oddity => ({ ...oddity, harmless: true })
const hex = (n: number): string => n.toString(16)

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
const UNASKED = 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nunasked'

/** Every way in which an answer may be odd, by name. */
export const ODDITIES: ReadonlyMap<string, Oddity> = new Map(
  Object.entries({
    // Status lines and what stands before them.
    'junk before': before('junk\r\n', 'x', ' ', '\0', '5\r\nhello\r\n', 'data: 1\n\n'),
    'lines before': before('\r\n', '\n', '\r\n\r\n', '\r\n'.repeat(10)),
    'other version': statusLine('HTTP/1.2 200 OK', 'HTTP/2 200', 'HTTP/2.0 200 OK', 'HTTP/0.9 200 OK', 'http/1.1 200 OK', 'HTTP/11 200', 'HTTP/1.1.1 200 OK'), // biome-ignore format: a rule a line
    'HTTP/1.0': statusLine('HTTP/1.0 200 OK', 'HTTP/1.0 404 No'),
    'other protocol': statusLine('SSH-2.0-OpenSSH_9', 'ICY 200 OK', 'RTSP/1.0 200 OK', 'GET / HTTP/1.1', '220 ready'), // biome-ignore format: a rule a line
    'odd status line': statusLine('HTTP/1.1 200', 'HTTP/1.1  200 OK', 'HTTP/1.1 200OK', 'HTTP/1.1 2000 OK', 'HTTP/1.1 20 OK', 'HTTP/1.1 200\tOK', 'HTTP/1.1 +200 OK', 'HTTP/1.1 200 O\0K', 'HTTP/1.1 200 \xff', 'HTTP/1.1 200 OK\r', 'HTTP/1.1'), // biome-ignore format: a rule a line
    'odd status': statusLine('HTTP/1.1 000 No', 'HTTP/1.1 099 No', 'HTTP/1.1 600 No', 'HTTP/1.1 999 No'), // biome-ignore format: a rule a line
    'no body': statusLine('HTTP/1.1 204 No', 'HTTP/1.1 304 No', 'HTTP/1.1 205 No'),
    // 1xx.
    'a few 1xx': harmless(before(HINTS, HINTS + HINTS, 'HTTP/1.1 102 Processing\r\n\r\n')),
    '100 unasked': harmless(before(CONTINUE, CONTINUE + CONTINUE, HINTS + CONTINUE)),
    '1xx flood': before(HINTS.repeat(16), HINTS.repeat(17), HINTS.repeat(60), CONTINUE.repeat(40)),
    '1xx with a length': before('HTTP/1.1 103 Hints\r\nContent-Length: 5\r\n\r\n', 'HTTP/1.1 103 Hints\r\nTransfer-Encoding: chunked\r\n\r\n'), // biome-ignore format: a rule a line
    '101': before('HTTP/1.1 101 Switching\r\n\r\n', 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'), // biome-ignore format: a rule a line
    // Header lines.
    'bare LF head': { parts: parts => void Object.assign(parts, { eol: '\n' }) },
    'CR CR LF head': { parts: parts => void Object.assign(parts, { eol: '\r\r\n' }) },
    'obs-fold': header('X-A: 1\r\n 2', 'X-A: 1\r\n\t2', 'X-A:\r\n 1', 'X-A: 1\n 2'),
    'not a header': header('no colon', ': no name', 'x y: 1', 'x : 1', ' x: 1', 'x\t: 1', 'x\0: 1', 'é: 1', '(): 1', 'x\r: 1'), // biome-ignore format: a rule a line
    'odd value': header('x: \0', 'x: a\x01b', 'x: a\rb', 'x: \x7f', 'x: \r', 'x: "\r"'),
    'high byte in a value': header('x: é', 'x: \xff\xfe'),
    'empty value': harmless(header('x:', 'x: ', 'x:\t')),
    'kept headers twice': header('Server: t', 'Content-Type: b', 'Retry-After: 1', 'X-Request-Id: 1'), // biome-ignore format: a rule a line
    connection: harmless(header('Connection: close', 'Connection: keep-alive', 'Connection: Close, x', 'Keep-Alive: timeout=0', 'Keep-Alive: timeout=x', 'Proxy-Connection: close')), // biome-ignore format: a rule a line
    'upgrade header': header('Upgrade: h2c', 'Connection: upgrade\r\nUpgrade: h2c'),
    'huge head': header(`x: ${'y'.repeat(15_000)}`, `x: ${'y'.repeat(60_000)}`, `x: ${'y'.repeat(70_000)}`), // biome-ignore format: a rule a line
    'many headers': { parts: (parts, { pick }) => void parts.headers.push(...Array(pick([100, 240, 260, 900])).fill('x-many: 1')) }, // biome-ignore format: a rule a line
    // Lengths.
    'both lengths': { framing: 'chunked', parts: (parts, { pick }) => void parts.lengths.push(pick(['Content-Length: 5', 'Content-Length: 0', 'content-length: 99999'])) }, // biome-ignore format: a rule a line
    'equal lengths': { framing: 'counted', parts: parts => void parts.lengths.push(parts.lengths[0]!) }, // biome-ignore format: a rule a line
    'unequal lengths': { framing: 'counted', parts: (parts, { pick }) => void parts.lengths.push(pick(['Content-Length: 1', 'Content-Length: 99999'])) }, // biome-ignore format: a rule a line
    'length list': contentLength(n => ` ${n}, ${n}`, n => ` ${n},${n + 1}`, n => ` ${n},`, n => `,${n}`), // biome-ignore format: a rule a line
    'signed length': contentLength(
      n => ` -${n}`,
      n => ` +${n}`,
      () => ' -1',
      () => ' -0',
    ),
    'tabs at a length': contentLength(
      n => `\t${n}\t`,
      n => `\t${n}`,
      n => ` ${n}\t`,
    ),
    'hex length': contentLength(
      n => ` 0x${hex(n)}`,
      n => ` ${hex(n)}h`,
    ),
    'odd length': contentLength(n => ` ${n}.0`, n => ` ${n} 1`, () => ' ', () => '', n => ` "${n}"`, n => ` ${n}e0`, n => ` ${n};`, n => ` ${n}\0`), // biome-ignore format: a rule a line
    'huge length': contentLength(() => ' 18446744073709551616', () => ' 999999999999999999999', () => ' 9007199254740993'), // biome-ignore format: a rule a line
    'padded length': harmless(
      contentLength(
        n => `  ${n}  `,
        n => `     ${n}`,
        n => ` 00${n}`,
      ),
    ),
    'wrong length': contentLength(
      n => ` ${n + 1}`,
      n => ` ${Math.max(0, n - 1)}`,
      () => ' 0',
    ),
    'a length without a body': { framing: 'until-close', parts: (parts, { pick }) => void Object.assign(parts, { lengths: [pick(['Content-Length: 0', 'Transfer-Encoding: identity'])] }) }, // biome-ignore format: a rule a line
    // Codings.
    'other coding': coding(' gzip', ' identity', ' x', ' gzip, chunked', ' chunked, gzip', ' chunked;a=b', ' xchunked', ' chunkedx', ' "chunked"', ' chunked\0'), // biome-ignore format: a rule a line
    'chunked twice': coding(' chunked, chunked', ' chunked\r\nTransfer-Encoding: chunked', ' chunked\r\nTransfer-Encoding: identity'), // biome-ignore format: a rule a line
    'odd coding': coding(' ', '', ' ,', ' chunked,', ' ,chunked', ' chunked\r\n ,x'),
    'padded coding': harmless(coding('chunked', '\tChunked ', ' CHUNKED')),
    'chunked in HTTP/1.0': { framing: 'chunked', parts: parts => void Object.assign(parts, { statusLine: 'HTTP/1.0 200 OK' }) }, // biome-ignore format: a rule a line
    // Chunks.
    'size as written': harmless(size(n => hex(n).toUpperCase(), n => `000${hex(n)}`, n => `00000000${hex(n)}`)), // biome-ignore format: a rule a line
    'long size': size(n => `${'0'.repeat(20)}${hex(n)}`, () => 'ffffffffffffffff', () => 'fffffffffffffffff', () => '1000000000000000'), // biome-ignore format: a rule a line
    'signed size': size(
      n => `-${hex(n)}`,
      n => `+${hex(n)}`,
      () => '-1',
      () => '-0',
    ),
    'hex mark in size': size(
      n => `0x${hex(n)}`,
      n => `${hex(n)}h`,
      n => `${hex(n)}_`,
    ),
    'padded size': size(
      n => ` ${hex(n)}`,
      n => `${hex(n)} `,
      n => `${hex(n)}\t`,
      n => `\t${hex(n)}`,
    ),
    'no size': size(
      () => '',
      () => ' ',
      () => ';a=b',
    ),
    'wrong size': size(
      n => hex(n + 1),
      n => hex(n + 2),
      n => hex(n - 1),
      n => hex(n + 1000),
    ),
    extension: harmless(
      size(
        n => `${hex(n)};a`,
        n => `${hex(n)};a=b`,
        n => `${hex(n)};a="b;c"`,
      ),
    ),
    'odd extension': size(n => `${hex(n)};`, n => `${hex(n)} ;a=b`, n => `${hex(n)}; a = b`, n => `${hex(n)};a="b`, n => `${hex(n)};\0`, n => `${hex(n)};a\rb`, n => `${hex(n)};é`, n => `${hex(n)};;`, n => `${hex(n)},a`), // biome-ignore format: a rule a line
    'huge extension': size(n => `${hex(n)};${'a'.repeat(3000)}`, n => `${hex(n)};${'a'.repeat(20_000)}`), // biome-ignore format: a rule a line
    'bare LF chunks': {
      framing: 'chunked',
      parts: parts => void Object.assign(parts, { chunkEol: '\n' }),
    },
    'no CRLF after a chunk': { framing: 'chunked', parts: (parts, { pick }) => void Object.assign(parts, { afterChunk: pick(['', '\n', '\r', '\r\r\n', 'x\r\n', '\r\n\r\n']) }) }, // biome-ignore format: a rule a line
    'last chunk': { framing: 'chunked', parts: (parts, { pick }) => void Object.assign(parts, { lastChunk: pick(['000', '0;a=b', '-0', '0 ', '0x0', '', '00000000000000000']) }) }, // biome-ignore format: a rule a line
    trailers: harmless(trailers(['x: 1'], ['x: 1', 'y: 2'], ['X-Twice: c'])),
    'odd trailers': trailers(['no colon'], ['x : 1'], ['x: 1', ' 2'], [' x: 1'], ['x: \0'], [': 1'], ['Transfer-Encoding: chunked'], ['Content-Length: 5']), // biome-ignore format: a rule a line
    'huge trailers': trailers([`x: ${'y'.repeat(3000)}`], [`x: ${'y'.repeat(9000)}`], Array(60).fill(`x: ${'y'.repeat(1500)}`)), // biome-ignore format: a rule a line
    // Ends.
    'early close': { bytes: (bytes, { below }) => bytes.subarray(0, below(bytes.length)), parts: parts => void Object.assign(parts, { closes: 'fin' }) }, // biome-ignore format: a rule a line
    'early reset': { bytes: (bytes, { below }) => bytes.subarray(0, below(bytes.length)), parts: parts => void Object.assign(parts, { closes: 'reset' }) }, // biome-ignore format: a rule a line
    'nothing, and a close': { bytes: () => Buffer.alloc(0), parts: parts => void Object.assign(parts, { closes: 'fin' }) }, // biome-ignore format: a rule a line
    'an unasked answer': after(UNASKED, UNASKED + UNASKED, `\r\n${UNASKED}`),
    'bytes behind': after('\r\n', '\n', 'x', '\r\n\r\n', '0\r\n\r\n'),
    // By chance.
    'a byte changed': { bytes(bytes, { below, pick }) {
      const changed = Buffer.from(bytes)
      changed[below(Math.min(changed.length, 400))] = pick([0, 9, 10, 13, 32, 45, 48, 58, 97, 255])
      return changed
    } }, // biome-ignore format: a rule a line
    'a byte lost': { bytes(bytes, { below }) {
      const at = below(Math.min(bytes.length, 400))
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
    } }, // biome-ignore format: a rule a line
    'a byte twice': { bytes(bytes, { below }) {
      const at = below(Math.min(bytes.length, 400))
      return Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)])
    } }, // biome-ignore format: a rule a line
  } satisfies Record<string, Oddity>),
)
