import { Command } from 'commander'
import { expect, test } from 'vitest'
import { pathOf } from '../../recorder/compose.ts'
import { type Plan, type PlanFlags, planOf } from '../../recorder/plan.ts'
import { addPlanOptions } from '../../recorder/plan-options.ts'

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
