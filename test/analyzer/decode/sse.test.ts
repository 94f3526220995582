import { describe, expect, test } from 'vitest'
import { sseParser } from '../../../analyzer/decode/sse.ts'
import { random, splits } from '../../support/random.ts'

type Seen = { data: string; event: string } | 'comment'

/** What a parser says of a stream that comes in these pieces; `whole` when the answer ended properly. */
function parse(pieces: Uint8Array[], whole = true): Seen[] {
  const seen: Seen[] = []
  const parser = sseParser({
    message: (bytes, start, end, event) =>
      seen.push({ data: bytes.toString('utf8', start, end), event }),
    comment: () => seen.push('comment'),
    stray: () => {},
  })
  for (const piece of pieces) {
    // The caller's bytes are gone after the call: a parser that kept a view would show it.
    const bytes = Buffer.from(piece)
    parser.feed(bytes, 0, bytes.length)
    bytes.fill(0x23)
  }
  if (whole) parser.finish()
  return seen
}

const data = (text: string, event = ''): Seen => ({ data: text, event })

describe('one stream', () => {
  test.each<[name: string, stream: string, seen: Seen[]]>([
    ['line feeds', 'data: a\n\ndata: b\n\n', [data('a'), data('b')]],
    ['carriage return and line feed', 'data: a\r\n\r\ndata: b\r\n\r\n', [data('a'), data('b')]],
    ['carriage returns', 'data: a\r\rdata: b\r\r', [data('a'), data('b')]],
    ['no space after the colon', 'data:a\n\n', [data('a')]],
    ['one space goes, a second stays', 'data:  a\n\n', [data(' a')]],
    ['several data lines', 'data: a\ndata: b\ndata:\n\n', [data('a\nb\n')]],
    ['a last message without a blank line', 'data: a\n\ndata: b\n', [data('a'), data('b')]],
    ['a last message without a line end', 'data: a\n\ndata: b', [data('a'), data('b')]],
    ['a named event', 'event: error\ndata: a\n\ndata: b\n\n', [data('a', 'error'), data('b')]],
    ['comments', ':\n\n: ping\n\ndata: a\n\n', ['comment', 'comment', data('a')]],
    ['a comment within a message', 'data: a\n: ping\ndata: b\n\n', ['comment', data('a\nb')]],
    ['other fields', 'id: 7\nretry: 10\nfoo: bar\ndata: a\n\n', [data('a')]],
    ['a field without a colon', 'data\n\n', [data('')]],
    ['an event without data is none', 'event: x\n\ndata: a\n\n', [data('a')]],
    ['blank lines', '\n\n\ndata: a\n\n\n\n', [data('a')]],
    ['a byte order mark', '\ufeffdata: a\n\n', [data('a')]],
    ['a longer field name', 'database: a\n\ndata: b\n\n', [data('b')]],
    ['nothing', '', []],
  ])('%s', (_name, stream, seen) => {
    const bytes = Buffer.from(stream)
    expect(parse([bytes])).toEqual(seen)
    expect(parse([...bytes].map(byte => Uint8Array.of(byte)))).toEqual(seen)
  })
})

test('a message that was cut is not one', () => {
  expect(parse([Buffer.from('data: a\n\ndata: b')], false)).toEqual([data('a')])
})

test('however a stream is split into reads, it says the same', () => {
  const next = random(7)
  const pick = <T>(of: T[]): T => of[Math.floor(next() * of.length)]!
  for (let round = 0; round < 300; round++) {
    const end = pick(['\n', '\r\n', '\r'])
    const lines = Array.from({ length: 1 + Math.floor(next() * 20) }, () =>
      pick(['', '', 'data: {"a":"é🦙"}', 'data:x', ': ping', 'event: é', 'data', 'junk', 'id: 1']),
    )
    const stream = Buffer.from(lines.join(end) + pick(['', end, end + end]))
    const whole = parse([stream])
    expect(parse(splits(stream, next)), JSON.stringify(String(stream))).toEqual(whole)
  }
})
