import { describe, expect, test } from 'vitest'
import { tokentapeVersion } from '../../../schemas/version.ts'
import { analyze } from '../../support/analyze.ts'
import { type RequestLiteral, writeTape } from '../../support/tape.ts'

const builtin = { manifest: { tokenizer: { id: 'builtin', digest: '' } } }

const MIXED: RequestLiteral[] = [
  { sent: 10, headers: 20, tokens: [60, 80, 100] },
  { sent: 20, tokens: [220, 240], usage: { prompt_tokens: 7, completion_tokens: 2 } },
  ...Array.from({ length: 30 }, (_, i) => ({
    sent: 40 + i,
    tokens: [1240 + 2 * i, 1300 + 3 * i, 1400 + i],
  })),
  { sent: 30, tokens: [40], outcome: 'timeout', detail: 'no answer \u001b[31mwithin | 5 s' },
  {
    sent: 30,
    reads: [[50, '{"error":{"message":"slow down","type":"rate_limit","code":429}}']],
    status: 429,
    responseHeaders: { 'content-type': 'application/json' },
  },
  { sent: 30, reads: [[50, '<html>no</html>']], responseHeaders: { 'content-type': 'text/html' } },
]

describe('the report on a run with failures', () => {
  test.each([
    ['text', 'txt'],
    ['json', 'json'],
    ['csv', 'csv'],
    ['markdown', 'md'],
  ])('as %s', async (format, extension) => {
    const { code, out, err } = await analyze(
      'report',
      await writeTape(MIXED, builtin),
      '--format',
      format,
    )
    expect({ code, err }).toEqual({ code: 0, err: '' })
    await expect(out.replace(tokentapeVersion(), 'VERSION')).toMatchFileSnapshot(
      `../../golden/report.${extension}`,
    )
  })
})

test('percentiles that were asked for join the others', async () => {
  const tape = await writeTape(MIXED, builtin)
  const text = await analyze('report', tape, '--percentiles', '75,99.9')
  expect(text.out).toMatch(/metric +avg +min +max +p99\.9 +p99 +p90 +p75 +p50 +std +n\n/)
  const json = JSON.parse(
    (await analyze('report', tape, '--percentiles', '99.9', '--format', 'json')).out,
  )
  expect(json.time_to_first_token['p99.9']).toBeGreaterThan(json.time_to_first_token.p99)
})

test('a run without a success is reported, and says so first', async () => {
  const { out, code } = await analyze(
    'report',
    await writeTape([{ outcome: 'connect_error', detail: 'ECONNREFUSED' }], builtin),
  )
  expect(code).toBe(0)
  expect(out).toMatchInlineSnapshot(`
    "verdict: not valid
      error: 1 of 1 requests failed (100.0 %) [failed_requests]
        hint: latencies are of the successful ones; look at the failures below before you trust them
      error: none of 1 requests succeeded [nothing_measured]
        hint: look at the failures below and at the server

    a: m, 1 requests, 1 failed

    metric                          avg   min   max   p99   p90   p50   std   n
    Request Count (requests)          0
    Error Request Count (requests)    1

    failures
           1  connect_error  ECONNREFUSED (request 0)
    "
  `)
})

test('JSON leaves out what was not measured', async () => {
  const { out } = await analyze(
    'report',
    await writeTape([{ outcome: 'timeout' }], builtin),
    '--format',
    'json',
  )
  const found = JSON.parse(out)
  expect(found).not.toHaveProperty('time_to_first_token')
  expect(found).not.toHaveProperty('request_throughput')
  expect(found.error_summary).toEqual([
    { error_details: { type: 'timeout', message: 'as told' }, count: 1 },
  ])
  expect(out).not.toContain('null')
})

test('several runs: a list in JSON, a column in CSV', async () => {
  const a = await writeTape(MIXED, builtin)
  const b = await writeTape([{ tokens: [10] }], { manifest: { ...builtin.manifest, run_id: 'b' } })
  const json = JSON.parse((await analyze('report', a, b, '--format', 'json')).out)
  expect(json.map((run: { run_id: string }) => run.run_id)).toEqual(['a', 'b'])
  const csv = (await analyze('report', a, b, '--format', 'csv')).out
  expect(csv).toMatch(/^Run,Metric,avg/)
  expect(csv).toMatch(/^b,Time to First Token \(ms\),10\.00/m)
})

test('the server\u2019s counts, where asked for', async () => {
  const tape = await writeTape(
    [{ tokens: [10], usage: { prompt_tokens: 70, completion_tokens: 30 } }],
    builtin,
  )
  const json = JSON.parse(
    (await analyze('report', tape, '--use-server-token-count', '--format', 'json')).out,
  )
  expect(json.output_sequence_length.avg).toBe(30)
  expect(json.input_sequence_length.avg).toBe(70)
})

test('a run whose tokenizer is not here is reported with a note', async () => {
  const { out, err } = await analyze('report', await writeTape([{ tokens: [10] }]))
  expect(err).toMatch(
    /^note: no tokenizer, so tokens are the server's counts: .*"words" is no file here/,
  )
  expect(out).toContain('output tokens of 1 requests are a count of messages [tokens_not_counted]')
})

test.each([
  [
    '--percentiles',
    '101',
    'error: --percentiles: "101" is not between 0 and 100\n  hint: for example --percentiles 75,99.9\n',
  ],
  [
    '--percentiles',
    '50,,99',
    'error: --percentiles: "" is not between 0 and 100\n  hint: for example --percentiles 75,99.9\n',
  ],
  [
    '--tokenizer',
    'no/such',
    expect.stringContaining('error: --tokenizer: "no/such" is no file here'),
  ],
])('%s %s is refused by name', async (flag, value, err) => {
  const tape = await writeTape([{ tokens: [10] }], builtin)
  expect(await analyze('report', tape, flag, value)).toEqual({ code: 2, out: '', err })
})
