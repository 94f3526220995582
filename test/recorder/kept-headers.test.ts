import { describe, expect, test } from 'vitest'
import { checkedHeaderNames, keptHeaders } from '../../recorder/kept-headers.ts'
import { UserError } from '../../schemas/errors.ts'

const FOUND = {
  'content-type': 'text/event-stream',
  'server-timing': 'queue;dur=12.5, prefill;dur=30',
  'x-ratelimit-limit-requests': '500',
  'x-ratelimit-remaining-tokens': '14000',
  'x-envoy-upstream-service-time': '42',
  'x-worker': 'gpu-7',
  'x-worker-pool': 'blue',
  'set-cookie': ['a=1'],
  date: 'Thu, 01 Jan 2026 00:00:00 GMT',
}

test('what a server says of its own times and limits is kept without being asked for', () => {
  expect(keptHeaders([])(FOUND)).toEqual({
    'content-type': 'text/event-stream',
    'server-timing': 'queue;dur=12.5, prefill;dur=30',
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-remaining-tokens': '14000',
    'x-envoy-upstream-service-time': '42',
  })
})

test('a header that was asked for is kept, and none that only begins like it', () => {
  const kept = keptHeaders(['x-worker'])(FOUND)
  expect(kept).toMatchObject({ 'x-worker': 'gpu-7', 'server-timing': FOUND['server-timing'] })
  expect(kept).not.toHaveProperty('x-worker-pool')
})

test('an answer without any of them has none', () => {
  expect(keptHeaders(['x-worker'])({ date: FOUND.date })).toEqual({})
})

describe('--keep-header', () => {
  test('names are of one case and each stands once', () => {
    expect(checkedHeaderNames(['X-Worker', 'x-worker', ' Via '])).toEqual(['x-worker', 'via'])
  })

  test.each([
    ['X-Worker: 7', '"X-Worker: 7" is not the name of a header'],
    ['', '"" is not the name of a header'],
    ['x-worker-*', '"x-worker-*" is not the name of a header'],
    ['Set-Cookie', 'set-cookie holds a secret, which no tape keeps'],
    ['authorization', 'authorization holds a secret, which no tape keeps'],
  ])('%j is refused with what to type', (name, message) => {
    expect(() => checkedHeaderNames([name])).toThrow(
      new UserError(`--keep-header: ${message}`, expect.anything()),
    )
  })
})
