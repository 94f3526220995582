import { expect, test } from 'vitest'
import { pathOf } from '../../recorder/compose.ts'
import { redactedArgv, redactedUrl } from '../../recorder/redact.ts'

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

test('secrets do not survive in the command line that is kept', () => {
  const argv = [
    'record',
    '--api-key',
    'sk-1',
    '--api-key=sk-2',
    '-H',
    'Authorization: Bearer sk-3',
    '--header=X-Any: sk-4',
    '--url',
    'https://user:sk-5@host/v1?api_key=sk-6&team=a',
  ]
  const kept = redactedArgv(argv).join(' ')
  expect(kept).not.toMatch(/sk-\d/)
  expect(kept).toContain('team=a')
  expect(redactedUrl('https://u:p@h/v1')).toBe('https://h/v1')
})
