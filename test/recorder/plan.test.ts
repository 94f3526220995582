import { expect, test } from 'vitest'
import { pathOf } from '../../recorder/compose.ts'

test.each([
  ['http://h:1', '/v1/chat/completions'],
  ['http://h:1/', '/v1/chat/completions'],
  ['http://h:1/v1', '/v1/chat/completions'],
  ['http://h:1/proxy', '/proxy/v1/chat/completions'],
  ['http://h:1/proxy/v1/', '/proxy/v1/chat/completions'],
  ['http://h:1/v1/chat/completions', '/v1/chat/completions'],
  ['http://h:1/v1?team=a', '/v1/chat/completions?team=a'],
])('%s sends to %s', (url, path) => {
  expect(pathOf(new URL(url), '/v1/chat/completions')).toBe(path)
})
