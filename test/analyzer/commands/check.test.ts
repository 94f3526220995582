import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { analyze } from '../../support/analyze.ts'
import { scratch } from '../../support/cli.ts'
import { type RequestLiteral, writeTape } from '../../support/tape.ts'

const path = scratch()
const builtin = { tokenizer: { id: 'builtin', digest: '' } }

// First tokens after 1 to 64 ms, ends 100 ms later: p90 is 57.7 ms by numpy's rule.
const good: RequestLiteral[] = Array.from({ length: 64 }, (_, i) => ({
  sent: 200 * i,
  tokens: [200 * i + i + 1, 200 * i + i + 101],
}))
const tape = await writeTape(good, { manifest: { run_id: 'good', ...builtin } })
const failing = await writeTape(
  [
    ...good.slice(0, 20),
    ...good.slice(0, 20).map(({ sent }) => ({ sent: sent!, outcome: 'timeout' as const })),
  ],
  { manifest: { run_id: 'failing', ...builtin } },
)

const check = (tapes: string[], ...gates: string[]) =>
  analyze('check', ...tapes, ...gates.flatMap(gate => ['--that', gate]))

test('a limit is exact', async () => {
  const gates = [
    'ttft.p90 < 57.8ms',
    'ttft.p90 <= 57.7ms',
    'ttft.max == 64ms',
    'ttft.n == 64',
    'failed_ratio == 0',
    'request_count >= 64',
    'goodput(ttft_ms <= 32) == 0.5',
  ]
  expect(await check([tape], ...gates)).toMatchObject({ code: 0, err: '' })
  const missed = ['ttft.p90 < 57.7ms', 'ttft.p90 <= 57699999ns', 'goodput(ttft_ms <= 32) > 50%']
  const { code, out } = await check([tape], ...missed)
  expect(code).toBe(4)
  expect(out).toContain('3 gates: 0 passed, 3 failed, 0 could not be judged')
})

describe('what cannot be judged is never a pass', () => {
  test('an unknown metric', async () => {
    const xml = path('unknown.xml')
    const gates = ['--that', 'ttft.p50 < 1h', '--that', 'tfft.p50 < 1h']
    const { code, err } = await analyze('check', tape, ...gates, '--write', `junit=${xml}`)
    expect({ code, err }).toEqual({ code: 5, err: expect.stringContaining('did you mean ttft?') })
    expect(readFileSync(xml, 'utf8')).toMatch(/errors="1"[\s\S]*no metric/)
  })

  test.each([
    ['goodput(tier9) >= 0.5', 'no tier "tier9"', 'tiers are interactive'],
    ['goodput(constructor) >= 0', 'no tier "constructor"', 'tiers are interactive'],
    ['goodput(tfft_ms <= 5) >= 0', 'tfft_ms', 'ttft_ms'],
  ])('%s', async (gate, message, hint) => {
    const slo = ['--slo', 'interactive=ttft_ms <= 500']
    const { code, err } = await analyze('check', tape, '--that', gate, ...slo)
    expect({ code, err }).toEqual({ code: 5, err: expect.stringContaining(message) })
    expect(err).toContain(hint)
  })

  test('nothing measured, an SLO over nothing, too few samples', async () => {
    const gates = [
      'scheduled_ttft.p50 < 1h',
      'goodput(scheduled_ttft_ms < 9999) >= 0',
      'ttft.p99 < 1h',
    ]
    const { code, out } = await check([tape], ...gates)
    expect(code).toBe(5)
    expect(out).toContain('3 gates: 0 passed, 0 failed, 3 could not be judged')
    expect(out).toContain('no request has a scheduled_time_to_first_token')
    expect(out).toContain('so none can be judged by it')
    expect(out).toContain('too few samples: 64, p99 needs 662')
  })

  test('a run that is not valid', async () => {
    const { code, out } = await check([failing], 'ttft.p50 < 1h')
    expect({ code, out }).toEqual({
      code: 5,
      out: expect.stringContaining('the run is not valid: 20 of 40'),
    })
    const junit = await analyze('check', failing, '--that', 'ttft.p50 < 1h', '--format', 'junit')
    expect(junit).toMatchObject({
      code: 5,
      out: expect.stringContaining('<error message="the run is not valid: 20 of 40'),
    })
  })

  test('and a gate that fails for certain comes first', async () => {
    expect((await check([tape], 'ttft.p50 < 1ms', 'ttft.p99 < 1h')).code).toBe(4)
  })
})

test('several runs are each held to every gate', async () => {
  const other = await writeTape(good, { manifest: { run_id: 'other', ...builtin } })
  const { code, out } = await check([tape, other], 'ttft.p90 < 60ms', 'latency.p50 < 100ms')
  expect(code).toBe(4)
  expect(out.replaceAll(/\S+\/(\w+\.tape)/g, '$1')).toMatchInlineSnapshot(`
    "4 gates: 2 passed, 2 failed, 0 could not be judged

    result  tape                         gate                  value  unit   n
    pass    good.tape   ttft.p90 < 60ms       57.70  ms    64
    pass    other.tape  ttft.p90 < 60ms       57.70  ms    64
    FAIL    good.tape   latency.p50 < 100ms  132.50  ms    64
    FAIL    other.tape  latency.p50 < 100ms  132.50  ms    64
    "
  `)
})

test('gates and tiers come from a file', async () => {
  const file = path('gates.yaml')
  writeFileSync(
    file,
    'slos:\n  quick: ttft_ms <= 32\nthat:\n  - ttft.p90 < 60ms\n  - goodput(quick) >= 0.5\n',
  )
  expect(await analyze('check', tape, '--file', file)).toMatchObject({ code: 0, err: '' })
  const slo = ['--slo', 'quick=ttft_ms <= 16']
  expect(await analyze('check', tape, '--file', file, ...slo)).toMatchObject({ code: 4 })
  writeFileSync(file, '- ttft.p90 < 60ms\n')
  expect(await analyze('check', tape, '--file', file)).toMatchObject({ code: 0 })
})

test.each([
  ['that: 5', '"that" is no list'],
  ['gates: [a]', 'no field "gates"'],
  ['[]', 'holds no gate'],
  ['- 5', 'gate 1 is 5'],
  ['', 'holds no gates'],
  ['slos: {a: 5}\nthat: [x]', 'slos: a: is no text'],
  ['{', 'gates.yaml'],
])('a file of %j is refused', async (text, message) => {
  const file = path('bad-gates.yaml')
  writeFileSync(file, text)
  expect(await analyze('check', tape, '--file', file)).toMatchObject({
    code: 2,
    err: expect.stringContaining(message),
  })
})

test('JUnit, JSON and Markdown are written beside the text', async () => {
  const [xml, json, markdown] = ['g.xml', 'g.json', 'g.md'].map(path)
  await analyze(
    ...[
      'check',
      tape,
      '--that',
      'ttft.p90 < 1ms',
      '--that',
      'ttft.p99 < 9s',
      '--that',
      'latency.p50 < 9s',
    ],
    ...['--write', `junit=${xml}`, '--write', `json=${json}`, '--write', `markdown=${markdown}`],
  )
  expect(
    readFileSync(xml!, 'utf8').replaceAll(/[^" ]+\/(\w+\.tape)/g, '$1'),
  ).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="tokentape" tests="3" failures="1" errors="1" skipped="0">
      <testsuite name="good.tape" tests="3" failures="1" errors="1" skipped="0">
        <testcase classname="good.tape" name="ttft.p90 &lt; 1ms"><failure message="time_to_first_token.p90 is 57.70 ms (n = 64)">time_to_first_token.p90 is 57.70 ms (n = 64)</failure></testcase>
        <testcase classname="good.tape" name="ttft.p99 &lt; 9s"><error message="too few samples: 64, p99 needs 662">too few samples: 64, p99 needs 662</error></testcase>
        <testcase classname="good.tape" name="latency.p50 &lt; 9s"><system-out>request_latency.p50 is 132.50 ms (n = 64)</system-out></testcase>
      </testsuite>
    </testsuites>
    "
  `)
  const { exit_code, gates } = JSON.parse(readFileSync(json!, 'utf8'))
  expect({ exit_code, results: gates.map((gate: { result: string }) => gate.result) }).toEqual({
    exit_code: 4,
    results: ['fail', 'error', 'pass'],
  })
  expect(readFileSync(markdown!, 'utf8')).toContain(
    '| FAIL | ttft.p90 &lt; 1ms | 57.70 | ms | 64 |',
  )
})

test.each([
  [['--that'], 'argument missing'],
  [[], 'check: no gate'],
  [['--that', 'ttft.p50 < 1s', '--write', 'xml=a'], 'is not FORMAT=PATH'],
  [['--that', 'ttft.p50 < 1s', '--slo', 'ttft_ms <= 5'], 'has no name'],
  [['--that', 'ttft.constructor < 1s'], 'no statistic "constructor"'],
  [['--that', 'ttft.p50 < 1toString'], '"toString" is no unit of time'],
  [['--that', 'ttft.p50 < 1s', '--write', 'json=/nowhere/a'], '/nowhere/a'],
])('%j is a usage error', async (flags, message) => {
  const { code, err } = await analyze('check', tape, ...flags).catch(error => ({
    code: 2,
    err: String(error),
  }))
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) })
})
