import { describe, expect, test } from 'vitest'
import { analyze } from '../../support/analyze.ts'
import { type RequestLiteral, writeTape } from '../../support/tape.ts'

const builtin = { manifest: { tokenizer: { id: 'builtin', digest: '' } } }

// First token and last, in ms after the send: five succeed within 900 ms, one fails.
const SIX: RequestLiteral[] = [
  { sent: 0, tokens: [100, 200] },
  { sent: 0, tokens: [370, 648] }, // on both limits
  { sent: 0, tokens: [371, 600] }, // misses the first token alone
  { sent: 0, tokens: [300, 700] }, // misses the latency alone
  { sent: 0, tokens: [400, 900] }, // misses both
  { sent: 0, outcome: 'timeout' },
  { sent: 0, tokens: [1, 2], phase: 'warmup' },
]
const tape = await writeTape(SIX, builtin)
const json = async (...flags: string[]) => {
  const { code, out, err } = await analyze('goodput', tape, '--format', 'json', ...flags)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out)
}

describe('an SLO in AIPerf\u2019s words, as a condition, and by short names is the same', () => {
  test.each([
    'time_to_first_token:370 request_latency:648',
    'ttft_ms <= 370 and latency_ms <= 648',
    'ttft:370.0 latency:648',
    'NOT (ttft_ms > 370) AND latency_ms BETWEEN 0 AND 648 -- a comment',
  ])('%s', async slo => {
    const { tiers } = await json('--slo', slo)
    expect(tiers).toEqual([
      {
        run_id: 'a',
        tier: 'slo',
        n_good: 2,
        n_scheduled: null,
        n_sent: 6,
        n_completed: 5,
        share_of_scheduled: null,
        share_of_sent: 2 / 6,
        share_of_completed: 2 / 5,
        duration_ns: 900e6,
        request_throughput: 5 / 0.9,
        goodput: 2 / 0.9,
        output_token_throughput: 10 / 0.9,
        token_goodput: 4 / 0.9,
      },
    ])
  })
})

test('each part is attained by its own, and some are missed alone', async () => {
  const { attainment } = await json('--slo', 'ttft:370 latency:648')
  expect(attainment).toMatchObject([
    { condition: 'ttft_ms <= 370', n_met: 3, share_of_sent: 3 / 6, n_missed_alone: 1 },
    { condition: 'latency_ms <= 648', n_met: 3, share_of_completed: 3 / 5, n_missed_alone: 1 },
  ])
})

test('tiers have names and keep their order; more is better the other way round', async () => {
  const { tiers } = await json(
    '--slo',
    'silver=latency:700',
    '--slo',
    'gold=output_token_throughput_per_user:10',
  )
  // 1 token after the first in 100, 278, 229, 400 and 500 ms: only the first reaches 10 a second.
  expect(tiers).toMatchObject([
    { tier: 'silver', n_good: 4 },
    { tier: 'gold', n_good: 1 },
  ])
})

test('what has no value is bad', async () => {
  const one = await writeTape(
    [
      { sent: 0, tokens: [10] },
      { sent: 0, tokens: [10, 20] },
    ],
    builtin,
  )
  const { out } = await analyze(
    'goodput',
    one,
    '--slo',
    'inter_token_latency:1000',
    '--format',
    'json',
  )
  expect(JSON.parse(out).tiers).toMatchObject([{ n_good: 1, n_completed: 2 }])
})

test('a failed request is never good, whatever the condition', async () => {
  const { tiers } = await json('--slo', "outcome <> 'nonsense'")
  expect(tiers).toMatchObject([{ n_good: 5, n_sent: 6 }])
})

test('an open loop has a schedule to count from', async () => {
  const open = await writeTape(
    [
      { scheduled: 0, sent: 5, tokens: [10] },
      { scheduled: 1, sent: 6, outcome: 'timeout' },
    ],
    builtin,
  )
  const { out } = await analyze('goodput', open, '--slo', 'ttft:100', '--format', 'json')
  expect(JSON.parse(out).tiers).toMatchObject([{ n_scheduled: 2, share_of_scheduled: 0.5 }])
})

test('the tightest limits: alone and with the other held', async () => {
  const { tightest_limits } = await json('--slo', 'ttft:370 latency:648', '--solve', '0.5')
  // 3 of 6: first tokens 100 300 370 371 400, within 648 ms 100 370 371; latencies 200 600 648 …, within 370 ms 200 648 700.
  expect(tightest_limits).toMatchObject([
    { condition: 'ttft_ms <= 370', n_needed: 3, limit_alone: 370, limit_held: 371 },
    { condition: 'latency_ms <= 648', n_needed: 3, limit_alone: 648, limit_held: 700 },
  ])
  const impossible = await json('--slo', 'ttft:370', '--solve', '0.9')
  expect(impossible.tightest_limits).toMatchObject([{ n_needed: 6, limit_alone: null }])
})

test('servers: by throughput, and by goodput', async () => {
  const { capacity } = await json(
    '--slo',
    'ttft:370 latency:648',
    '--target-rate',
    '100',
    '--attain',
    '0.5',
  )
  // 5.56 a second each: 18. A third was good: no number of servers under this load of 6 in 0.9 s makes half of them good,
  // so each needs less, and there are more of them than 100 / 6.67.
  expect(capacity).toMatchObject({
    target_per_sec: 100,
    attain: 0.5,
    runs: [
      {
        servers_by_throughput: 18,
        servers_by_goodput: null,
        servers_at_least: 16,
        attained: false,
        why: expect.stringContaining(
          '33.33 % were good where 50 % are wanted, so a server takes less than this load of 6.67 requests/sec: record a lighter one',
        ),
      },
    ],
  })
  for (const format of ['text', 'markdown']) {
    const words = ['--slo', 'ttft:370 latency:648', '--target-rate', '100', '--format', format]
    const { code, out } = await analyze('goodput', tape, ...words)
    expect(code).toBe(0)
    expect(out, format).toContain('at least 16')
  }
  const failed = await writeTape([{ sent: 0, outcome: 'timeout' }], builtin)
  const words = ['--slo', 'latency:1000', '--target-rate', '100']
  const { out } = await analyze('goodput', failed, ...words)
  expect(out).toContain('no request succeeded, so that no number of servers follows from this run')
  const easy = await json('--slo', 'ttft:1000', '--target-rate', '100', '--attain', '0.5')
  expect(easy.capacity.runs).toMatchObject([
    { servers_by_throughput: 18, servers_by_goodput: 18, servers_at_least: null, attained: true },
  ])
})

test('a grid is every combination', async () => {
  const { grid } = await json('--grid', 'ttft=300:400:100,latency=600:900:300')
  expect(
    grid.map((cell: { limits: object; n_good: number }) => [cell.limits, cell.n_good]),
  ).toEqual([
    [{ ttft_ms: 300, latency_ms: 600 }, 1],
    [{ ttft_ms: 300, latency_ms: 900 }, 2],
    [{ ttft_ms: 400, latency_ms: 600 }, 2],
    [{ ttft_ms: 400, latency_ms: 900 }, 5],
  ])
  const { out } = await analyze('goodput', tape, '--grid', 'tps=2:10:4', '--format', 'csv')
  expect(out).toBe(
    `tps,good,sent,share_of_sent,goodput_per_sec\n10,1,6,${1 / 6},${1 / 0.9}\n6,1,6,${1 / 6},${1 / 0.9}\n2,5,6,${5 / 6},${5 / 0.9}\n`,
  )
})

test('for people', async () => {
  const { out } = await analyze(
    ...[
      'goodput',
      tape,
      '--slo',
      'gold=ttft:370 latency:648',
      '--solve',
      '0.5',
      '--target-rate',
      '100',
    ],
    ...['--grid', 'ttft=300:400:100,latency=600:900:300'],
  )
  await expect(out).toMatchFileSnapshot('../../golden/goodput.txt')
})

describe('refused', () => {
  test.each([
    ['tttft_ms <= 3', 'no column "tttft_ms"', 'did you mean ttft_ms?'],
    ['ttftx:3', 'no metric "ttftx"', 'did you mean ttft? metrics are'],
    [
      'time_to_frist_token:3',
      'no metric "time_to_frist_token"',
      'did you mean time_to_first_token?',
    ],
    [
      'inter_chunk_latency:3',
      'a request has not one value of inter_chunk_latency',
      'metrics of a request are',
    ],
    ['ttft:fast', '"fast" is not a number', 'ttft:370'],
    ['ttft_ms', 'is not true or false', 'for example'],
    ['ttft_ms <', 'is no SQL condition', 'for example'],
    ['avg(ttft_ms) < 3', 'must appear in the GROUP BY clause', 'for example'],
    ['unnest([true, true])', 'makes several rows of one', 'for example'],
    ['(select 1) = 1', 'has a query in it', 'for example'],
    ['ttft_ms < 3) as b, (ttft_ms > 4', 'is more than one condition', 'for example'],
    [
      "true) from read_text('/etc/passwd') where (true",
      'is more than one condition',
      'for example',
    ],
    ['true); drop view requests; select (1', 'is no SQL condition', 'for example'],
    ['exists(from requests)', 'has a query in it', 'for example'],
    ['mlperf-llama9', 'no preset "mlperf-llama9"', 'mlperf-llama2-70b'],
    [
      'scheduled_ttft_ms < 3',
      'no request has a scheduled_time_to_first_token',
      'tokentape explain',
    ],
    ['', 'is empty', 'for example'],
  ])('%s', async (slo, message, hint) => {
    const { code, out, err } = await analyze('goodput', tape, '--slo', slo)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
    expect(err).toContain(hint)
  })

  test.each([
    [[], 'no SLO'],
    [['--solve', '0.9', '--grid', 'ttft=1:2:1'], 'needs an --slo'],
    [['--slo', 'ttft:1', '--solve', '95'], 'is not a share'],
    [['--slo', 'ttft:1', '--attain', '0.9'], 'needs a --target-rate'],
    [['--slo', 'ttft:1', '--target-rate', '-1'], 'is not a rate'],
    [['--grid', 'ttft=5:1:1'], 'is not a metric with from, to and step'],
    [['--grid', 'ttft=1:1000000:0.001'], 'too many'],
    [['--slo', 'a=ttft:1', '--slo', 'a=ttft:2'], 'two tiers are named "a"'],
    [['--slo', 'ttft_ms + 1 <= 3', '--solve', '0.9'], 'is not one metric and its limit'],
  ])('%j', async (flags, message) => {
    const { code, err } = await analyze('goodput', tape, ...flags)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })

  test('a run without a request to judge is an error, not 100 %', async () => {
    const warmup = await writeTape([{ tokens: [1], phase: 'warmup' }], builtin)
    const { code, err } = await analyze('goodput', warmup, '--slo', 'ttft:1')
    expect(code).toBe(2)
    expect(err).toContain('no request to judge')
  })
})

test('a run whose every request failed has no good one', async () => {
  const failed = await writeTape([{ outcome: 'timeout' }], builtin)
  const { out } = await analyze('goodput', failed, '--slo', 'ttft:1', '--format', 'json')
  expect(JSON.parse(out).tiers).toMatchObject([
    { n_good: 0, n_sent: 1, share_of_sent: 0, goodput: null },
  ])
})
