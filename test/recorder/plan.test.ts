import { Command } from 'commander'
import { expect, test } from 'vitest'
import { pathOf } from '../../recorder/compose.ts'
import { type Plan, type PlanFlags, planOf } from '../../recorder/plan.ts'
import { addPlanOptions } from '../../recorder/plan-options.ts'
import { redactedArgv, redactedUrl } from '../../recorder/redact.ts'

const planned = (...argv: string[]): Plan =>
  planOf(
    addPlanOptions(new Command())
      .exitOverride()
      .parse(['--model', 'm', '--request-count', '1', ...argv], { from: 'user' })
      .opts<PlanFlags>(),
    {},
  )

test('connecting may take 10 s and a request 600 s, unless flags say otherwise', () => {
  expect(planned()).toMatchObject({ connectTimeoutNs: 10e9, requestTimeoutNs: 600e9 })
  const asked = planned('--connect-timeout-seconds', '0.5', '--request-timeout-seconds', '0')
  expect(asked).toMatchObject({ connectTimeoutNs: 0.5e9, requestTimeoutNs: 0 })
})

test('connecting never takes longer than the request that it is for', () => {
  expect(planned('--request-timeout-seconds', '3')).toMatchObject({
    connectTimeoutNs: 3e9,
    requestTimeoutNs: 3e9,
  })
})

test.each([
  ['0', '"0" is not above 0'],
  ['-1', '"-1" is not a number of at least 0'],
  ['soon', '"soon" is not a number of at least 0'],
])('--connect-timeout-seconds %s is refused', (value, message) => {
  expect(() => planned(`--connect-timeout-seconds=${value}`)).toThrow(
    `--connect-timeout-seconds: ${message}`,
  )
})

test('--keep-header is of a plan that keeps headers', () => {
  expect(planned('--keep-header', 'X-A', '--keep-header', 'x-b').keepHeaders).toEqual([
    'x-a',
    'x-b',
  ])
  expect(() => planned('--keep', 'timing', '--keep-header', 'x-a')).toThrow(
    "--keep-header x-a: --keep timing keeps no headers but the content's type and coding",
  )
})

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
