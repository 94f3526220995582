import { randomFor } from '../../../recorder/random.ts'

/** What a server does with one request. */
export type Answer = {
  bytes: Buffer
  /** Whether it closes the connection behind the bytes: properly, or with a reset. */
  closes: 'no' | 'fin' | 'reset'
  /** Where the bytes are cut into writes. */
  cuts: number[]
}

/** Two requests on one connection, as far as the client keeps it. */
export type Case = {
  /** What is odd about the first answer; `valid` where nothing is. */
  kind: string
  answers: [Answer, Answer]
  /** What a reader must make of the first answer, where it is valid. */
  expected: { status: number; body: string } | undefined
  /** What the body of the second answer holds, and no other does. */
  marker: string
}

/** The parts of an answer: each oddity changes one. */
export type Parts = {
  before: string
  statusLine: string
  headers: string[]
  eol: string
  framing: 'chunked' | 'counted' | 'until-close'
  /** The header lines that say how long the body is. */
  lengths: string[]
  pieces: string[]
  /** The line before a chunk, without its end. */
  sizeLine(piece: string): string
  chunkEol: string
  afterChunk: string
  lastChunk: string
  trailers: string[]
  after: string
  closes: Answer['closes']
}
export type Draw = {
  random: () => number
  below(n: number): number
  pick<T>(from: readonly T[]): T
}
/** One way in which an answer may be odd: changes the parts, or the bytes that they make. */
export type Oddity = {
  parts?(parts: Parts, draw: Draw): void
  bytes?(bytes: Buffer, draw: Draw): Buffer
  /** Only where the body is framed so. */
  framing?: Parts['framing']
  /** A reader must take it as if it were not there. */
  harmless?: boolean
}

export const drawFor = (random: () => number): Draw => ({
  random,
  below: n => Math.floor(random() * n),
  pick: from => from[Math.floor(random() * from.length)]!,
})

const TEXTS = [
  '\r',
  '\n',
  '0',
  'a',
  '\r\n\r\n',
  '0\r\n\r\n',
  'data: {}\n\n',
  'HTTP/1.1 200 OK',
  'é',
]

function partsOf({ below, pick }: Draw, wanted: Parts['framing'] | undefined): Parts {
  const framing = wanted ?? pick(['chunked', 'counted', 'until-close'] as const)
  const pieces = Array.from({ length: 1 + below(5) }, () =>
    Array.from({ length: 1 + below(60) }, () => pick(TEXTS)).join(''),
  )
  const body = pieces.join('')
  return {
    before: '',
    statusLine: `HTTP/1.1 ${pick([200, 201, 400, 429, 503])} ${pick(['OK', '', 'Some words'])}`,
    headers: ['Content-Type: text/event-stream', 'X-Twice: a', 'Server: s', 'x-twice:b'],
    eol: '\r\n',
    framing,
    lengths: {
      chunked: ['Transfer-Encoding: chunked'],
      counted: [`Content-Length: ${body.length}`],
      'until-close': [],
    }[framing],
    pieces,
    sizeLine: piece => piece.length.toString(16),
    chunkEol: '\r\n',
    afterChunk: '\r\n',
    lastChunk: '0',
    trailers: [],
    after: '',
    closes: framing === 'until-close' ? 'fin' : pick(['no', 'no', 'fin'] as const),
  }
}

function bytesOf(parts: Parts): Buffer {
  const { eol, chunkEol } = parts
  const head = [parts.statusLine, ...parts.headers, ...parts.lengths, '', ''].join(eol)
  const chunks = parts.pieces.map(
    piece => `${parts.sizeLine(piece)}${chunkEol}${piece}${parts.afterChunk}`,
  )
  const end = [parts.lastChunk, ...parts.trailers, '', ''].join(chunkEol)
  const body = parts.framing === 'chunked' ? chunks.join('') + end : parts.pieces.join('')
  return Buffer.from(parts.before + head + body + parts.after, 'latin1')
}

/** Everywhere in a short answer, at a few places, or nowhere. */
function cutsOf(bytes: Buffer, { below, pick }: Draw): number[] {
  const how = pick(['whole', 'few', 'few', 'lines', 'all'])
  if (how === 'whole') return []
  if (how === 'all' && bytes.length < 500) return Array.from(bytes, (_, at) => at)
  if (how === 'lines') {
    const ends = [...bytes.keys()].filter(at => bytes[at] === 13 || bytes[at - 1] === 10)
    return ends.filter(() => below(Math.ceil(ends.length / 12)) === 0)
  }
  const few = Array.from({ length: 1 + below(8) }, () => below(bytes.length + 1))
  return [...new Set(few)].sort((a, b) => a - b)
}

/** The case of this index: the same for the same seed. */
export function caseOf(seed: number, index: number, oddities: ReadonlyMap<string, Oddity>): Case {
  const draw = drawFor(randomFor(seed, 'fuzz', index))
  const kinds = [...oddities.keys()]
  // A fifth is valid; of the others some have two oddities, which no list by hand would hold.
  const odd = draw.below(5) === 0 ? [] : [draw.pick(kinds)]
  if (odd.length > 0 && draw.below(6) === 0) odd.push(draw.pick(kinds))
  const chosen = odd.map(kind => oddities.get(kind)!)
  const parts = partsOf(draw, chosen.find(({ framing }) => framing)?.framing)
  const status = Number(parts.statusLine.slice(9, 12))
  const body = parts.pieces.join('')
  for (const oddity of chosen) oddity.parts?.(parts, draw)
  let bytes = bytesOf(parts)
  for (const oddity of chosen) bytes = oddity.bytes?.(bytes, draw) ?? bytes
  const marker = `second answer ${index}`
  const second = Buffer.from(
    draw.pick([
      `HTTP/1.1 200 OK\r\nContent-Type: a\r\nContent-Length: ${marker.length}\r\n\r\n${marker}`,
      `HTTP/1.1 200 OK\r\nContent-Type: a\r\nTransfer-Encoding: chunked\r\n\r\n${marker.length.toString(16)}\r\n${marker}\r\n0\r\n\r\n`,
    ]),
  )
  return {
    kind: odd.join(' + ') || 'valid',
    answers: [
      { bytes, closes: parts.closes, cuts: cutsOf(bytes, draw) },
      { bytes: second, closes: 'fin', cuts: cutsOf(second, draw) },
    ],
    expected:
      chosen.every(({ harmless }) => harmless) &&
      chosen.every(({ framing = parts.framing }) => framing === parts.framing)
        ? { status, body }
        : undefined,
    marker,
  }
}
