import { expect, test } from 'vitest'
import { chunkSizeOf, headerOf, responseHead } from '../../../recorder/http/response-head.ts'

const head = (...headers: string[]) => responseHead(['HTTP/1.1 200 OK', ...headers])

test.each([
  [[], 'until-close', 0, false],
  [['content-length: 5'], 'counted', 5, true],
  [['Content-Length:005  '], 'counted', 5, true],
  [['content-length: 5', 'connection: x, Close'], 'counted', 5, false],
  [['Transfer-Encoding: Chunked'], 'chunked', 0, true],
])('how a body is framed: %j', (headers, framing, length, keepAlive) => {
  expect(head(...headers)).toMatchObject({ framing, length, keepAlive })
})

test('a 1xx says nothing of the connection or a body', () => {
  expect(responseHead(['HTTP/1.1 103 Early Hints', 'content-length: 5', 'a: b'])).toMatchObject({
    status: 103,
    length: 0,
    keepAlive: true,
  })
})

test('a value keeps what only JavaScript calls white space: the last byte of à in UTF-8 is 0xA0', () => {
  const voila = Buffer.from('voilà').toString('latin1')
  expect(headerOf(`X-A: \t ${voila} \t`)).toEqual(['x-a', voila])
})

test('a header of __proto__ is one like any other', () => {
  expect(Object.entries(head('__proto__: a', 'content-length: 0').headers)).toContainEqual([
    '__proto__',
    'a',
  ])
})

test.each([
  ['5', 5],
  ['00Ff', 255],
  ['5;a', 5],
  ['5;a=b;c="d e;f"', 5],
])('chunk size %j', (text, size) => {
  expect(chunkSizeOf(text)).toBe(size)
})
