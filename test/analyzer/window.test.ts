import { describe, expect, test } from 'vitest'
import { limitTo, windowsOf } from '../../analyzer/window.ts'
import { analyze } from '../support/analyze.ts'
import { openLiteral, type RequestLiteral, writeTape } from '../support/tape.ts'

const builtin = { manifest: { tokenizer: { id: 'builtin', digest: '' } } }
/** One a second; the first 30 have their first token after 200 ms, the others after 100 ms. */
const RUN: RequestLiteral[] = Array.from({ length: 300 }, (_, i) => ({
  sent: 1000 * i + 500,
  tokens: [1000 * i + 500 + (i < 30 ? 200 : 100), 1000 * i + 900],
}))

test('the relations hold the requests sent in the window, half open, and rates are over its length', async () => {
  const tapes = await openLiteral(RUN)
  const windows = await windowsOf(tapes, { from: '10s', to: '20s' })
  expect(windows).toEqual([
    {
      ...{
        runId: 'a',
        steady: false,
        fromNs: 10.5e9,
        toNs: 20.5e9,
        firstNs: 0.5e9,
        lastNs: 299.5e9,
      },
      ...{ nInside: 10, nAll: 300 },
    },
  ])
  await limitTo(windows, tapes)
  expect(
    await tapes.query(`
      select
        (select count(*) from requests) as n_requests,
        (select min(request_id) from requests) as first,
        (select count(*) from messages where content_index is not null) as n_content,
        (select count(*) from time_to_first_token) as n_ttft,
        (select count(*) from inter_chunk_latency) as n_gaps,
        (select count(*) from inter_token_gap) as n_token_gaps,
        (select count(max_gap_ms) from request_metrics) as n_max_gaps,
        (select sum(n_tokens) from slices(1_000_000_000)) as n_slice_tokens,
        (select count(*) from raw_requests) as n_raw,
        (select value from benchmark_duration) as duration_ns,
        (select value from request_throughput) as per_second,
        (select avg from time_weighted('effective_concurrency')) as concurrency`),
  ).toEqual([
    {
      ...{ n_requests: 10, first: 10, n_content: 20, n_ttft: 10, n_raw: 300 },
      ...{ n_gaps: 10, n_token_gaps: 10, n_max_gaps: 10, n_slice_tokens: 20 },
      // Under way from the send to 1 ms after the last read: 402 ms of each second.
      ...{ duration_ns: 10e9, per_second: 1, concurrency: 0.402 },
    },
  ])
})

test('a window that is longer than the run ends with its last answer', async () => {
  const tapes = await openLiteral(RUN)
  const [window] = await windowsOf(tapes, { to: '10m' })
  expect(window).toMatchObject({ fromNs: 0.5e9, toNs: 299.902e9 + 1, nInside: 300 })
})

test('what was sent before the window is under way in it; the load is over the whole window', async () => {
  const tapes = await openLiteral([
    { sent: 0, tokens: [100, 2000], end: 2500 },
    { sent: 1500, tokens: [1600, 1700], end: 2000 },
    { sent: 4000, tokens: [4100], end: 4200 },
  ])
  await limitTo(await windowsOf(tapes, { from: '1s', to: '3s' }), tapes)
  // 1 for half a second, 2 for half a second in two steps, 1 for half a second, none for half a second.
  expect(
    await tapes.query(`select n, avg, max from time_weighted('effective_concurrency')`),
  ).toEqual([{ n: 5, avg: 1, max: 2 }])
  expect(await tapes.query('select value from max_concurrency')).toEqual([{ value: 2 }])
})

describe('every verb that asks tapes takes --steady', () => {
  test.each([
    ['report', []],
    ['goodput', ['--slo', 'ttft:150']],
    ['percentiles', []],
    ['requests', []],
  ] as const)('%s', async (verb, flags) => {
    const tape = await writeTape(RUN, builtin)
    const { code, err } = await analyze(verb, tape, ...flags, '--steady')
    expect(code).toBe(0)
    expect(err).toMatch(
      /^note: steady window of a: 3\d\.000 s to 299\.000 s .* 2\d\d of 300 requests\n$/,
    )
  })

  test('the cold start is out of goodput', async () => {
    const tape = await writeTape(RUN, builtin)
    const ask = async (...flags: string[]) =>
      JSON.parse(
        (await analyze('goodput', tape, '--slo', 'ttft:150', '--format', 'json', ...flags)).out,
      )
    expect((await ask()).tiers).toMatchObject([{ share_of_sent: 0.9 }])
    const steady = await ask('--steady')
    expect(steady.tiers).toMatchObject([{ share_of_sent: 1 }])
    expect(steady.windows).toMatchObject([{ run_id: 'a', n_requests_of_run: 300 }])
  })

  test('sql', async () => {
    const tape = await writeTape(RUN, builtin)
    const { out } = await analyze(
      ...[
        'sql',
        tape,
        'select max(ttft_ms) as worst from request_metrics',
        '--steady',
        '--format',
        'csv',
      ],
    )
    expect(out).toBe('worst\n100\n')
  })
})

test.each([
  [['--steady', '--from', '1s'], '--steady: goes not with --from and --to'],
  [['--from', '10s', '--to', '5s'], '--to: 5s is not after --from 10s'],
  [['--from', '10'], '--from: "10" is not a duration'],
  [['--from', '1h'], 'a: no request was sent in the window'],
])('%j is refused', async (flags, message) => {
  const { code, err } = await analyze(
    'percentiles',
    await writeTape(RUN.slice(0, 30), builtin),
    ...flags,
  )
  expect(code).toBe(2)
  expect(err).toContain(message)
})

test('a run without a steady window says why', async () => {
  const { code, err } = await analyze(
    ...['report', await writeTape(RUN.slice(0, 10), builtin), '--steady'],
  )
  expect(code).toBe(2)
  expect(err).toContain('--steady: a has no steady window: the run is too short to tell')
})
