import { expect, test } from 'vitest'
import { analyze } from '../../support/analyze.ts'
import { openLiteral, type RequestLiteral, writeTape } from '../../support/tape.ts'

const builtin = { manifest: { tokenizer: { id: 'builtin', digest: '' } } }
const THREE: RequestLiteral[] = [
  { sent: 0, headers: 20, tokens: [50, 60, 100] },
  { sent: 10, outcome: 'timeout', end: 500 },
  { sent: 20, tokens: [320] },
]
const tape = await writeTape(THREE, builtin)

test('request_metrics has a row for every request, NULL where a metric has no value', async () => {
  const open = await openLiteral(THREE)
  expect(
    await open.query(
      'select request_id, outcome, ttft_ms, latency_ms, itl_ms, osl_tokens, max_gap_ms from request_metrics order by all',
    ),
  ).toEqual([
    {
      request_id: 0,
      outcome: 'ok',
      ttft_ms: 50,
      latency_ms: 100,
      itl_ms: 25,
      osl_tokens: 3,
      max_gap_ms: 40,
    },
    {
      request_id: 1,
      outcome: 'timeout',
      ttft_ms: null,
      latency_ms: null,
      itl_ms: null,
      osl_tokens: null,
      max_gap_ms: null,
    },
    {
      request_id: 2,
      outcome: 'ok',
      ttft_ms: 300,
      latency_ms: 300,
      itl_ms: null,
      osl_tokens: 1,
      max_gap_ms: null,
    },
  ])
})

test('the failed first, then the worst', async () => {
  const { out } = await analyze('requests', tape, '--columns', 'request_id,outcome,latency_ms')
  expect(out).toMatchInlineSnapshot(`
    "request_id  outcome  latency_ms
             1  timeout           -
             2  ok              300
             0  ok              100
    3 of 3 requests, those without a latency_ms first, then the worst latency_ms
    "
  `)
})

test('filtered, sorted and cut', async () => {
  const { out } = await analyze(
    ...['requests', tape, '--where', "outcome = 'ok'", '--sort', 'tps', '--limit', '1'],
    ...['--columns', 'request_id,time_to_first_token', '--format', 'csv'],
  )
  expect(out).toBe('request_id,ttft_ms\n2,300\n')
})

test('one request\u2019s timeline', async () => {
  const { out } = await analyze('requests', tape, '--request', '0')
  await expect(out).toMatchFileSnapshot('../../golden/timeline.txt')
})

test.each([
  [['--request', '7'], 'no request 7'],
  [['--request', 'x'], 'is not a whole number'],
  [['--columns', 'ttft'], 'no column "ttft"'],
  [['--sort', 'request_count'], 'a request has not one value of request_count'],
  [['--where', 'tps'], 'is not true or false'],
])('%j is refused', async (flags, message) => {
  const { code, err } = await analyze('requests', tape, ...flags)
  expect(code).toBe(2)
  expect(err).toContain(message)
})
