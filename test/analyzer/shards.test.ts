import { expect, test } from 'vitest'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { verdictOf } from '../../analyzer/verdict.ts'
import type { Manifest } from '../../schemas/manifest.ts'
import { analyze } from '../support/analyze.ts'
import { type RequestLiteral, words, writeTape } from '../support/tape.ts'

const ZERO = 1764000000000000000n

/** Shard `index` of `of`, whose zero lies `afterNs` behind the earliest; its requests are on lane `index`. */
const shard = (
  index: number,
  of: number,
  afterNs: bigint,
  requests: RequestLiteral[],
  { crashed, ...manifest }: Partial<Manifest> & { crashed?: boolean } = {},
): Promise<string> =>
  writeTape(
    requests.map(request => ({ lane: index, ...request })),
    {
      manifest: {
        shard: { index, of },
        started_at_unix_ns: String(ZERO + afterNs),
        ...(crashed ? {} : { outcome: 'completed' as const }),
        tokenizer: { id: 'builtin', digest: '' },
        ...manifest,
      },
      health: [{ lane: index, at_ns: 5e6 }],
      scrapes: [{ url: 'u', asked_ns: 4e6, at_ns: 6e6, status: 200, text: '', error: null }],
    },
  )

const open = (...paths: string[]) => openTapes(paths, { err: () => {}, tokenizerOf: () => words })

const LATER = 1_000_000_007n
const a = await shard(0, 2, 0n, [{ sent: 0, tokens: [10, 20] }], {
  ended_ns: 40_000_000,
})
const b = await shard(1, 2, LATER, [{ lost: 'both' }, { sent: 2, tokens: [12, 22] }], {
  ended_ns: 30_000_000,
})

test('shards are one run: instants stand on the zero that came first, to the nanosecond', async () => {
  // Given in the wrong order: the index counts, and the earliest zero.
  const tapes = await open(b, a)
  expect(tapes.runs.length).toBe(1)
  expect(await tapes.query('select shard_index, offset_ns from raw_shards order by all')).toEqual([
    { shard_index: 0, offset_ns: 0 },
    { shard_index: 1, offset_ns: 1_000_000_007 },
  ])
  expect(
    await tapes.query(
      'select lane, sent_ns, first_content_ns, end_ns, outcome from requests order by lane',
    ),
  ).toEqual([
    { lane: 0, sent_ns: 0, first_content_ns: 10_000_000, end_ns: 22_000_000, outcome: 'ok' },
    {
      lane: 1,
      sent_ns: 1_002_000_007,
      first_content_ns: 1_012_000_007,
      end_ns: 1_024_000_007,
      outcome: 'ok',
    },
  ])
  expect(await tapes.query('select lane, at_ns from raw_health order by all')).toEqual([
    { lane: 0, at_ns: 5_000_000 },
    { lane: 1, at_ns: 1_005_000_007 },
  ])
  expect(await tapes.query('select asked_ns, at_ns from raw_scrapes order by all')).toEqual([
    { asked_ns: 4_000_000, at_ns: 6_000_000 },
    { asked_ns: 1_004_000_007, at_ns: 1_006_000_007 },
  ])
  expect(
    await tapes.query('select lanes, ended_ns, outcome, len(tapes) as n from raw_runs'),
  ).toEqual([{ lanes: 2, ended_ns: 1_030_000_007, outcome: 'completed', n: 2 }])
  expect(await tapes.query('select value / 1e6 as ms from time_to_first_token')).toEqual([
    { ms: 10 },
    { ms: 10 },
  ])
})

test('an offset past 2^53 stays exact', async () => {
  const year = 31_536_000_000_000_001n
  const late = await shard(1, 2, year, [{ lost: 'both' }, { sent: 0, tokens: [1] }])
  const tapes = await open(await shard(0, 2, 0n, [{ sent: 0, tokens: [1] }]), late)
  expect(await tapes.query('select max(sent_ns)::varchar as at from requests')).toEqual([
    { at: String(year) },
  ])
})

test('a shard that crashed leaves the run without an outcome', async () => {
  const crashed = await shard(1, 2, 0n, [{ lost: 'both' }, { tokens: [1] }], {
    crashed: true,
  })
  const tapes = await open(await shard(0, 2, 0n, [{ tokens: [1] }]), crashed)
  expect(await tapes.query('select outcome, ended_ns from raw_runs')).toEqual([
    { outcome: null, ended_ns: null },
  ])
})

test('the report names each shard, its offset, and what is missing', async () => {
  const parts = [
    await shard(0, 3, 0n, [{ tokens: [10, 20] }]),
    await shard(2, 3, 2_500_000n, [
      { lost: 'both' },
      { lost: 'row', tokens: [] },
      { lost: 'row', tokens: [] },
    ]),
  ]
  const { out } = await analyze('report', ...parts)
  expect(out.replaceAll(parts[0]!, 'FIRST').replaceAll(parts[1]!, 'THIRD')).toContain(
    '\n  shard 0 of 3: FIRST, clock offset 0.000 ms\n  shard 2 of 3: THIRD, clock offset 2.500 ms\n',
  )
  expect(out).toMatch(/^verdict: valid with warnings\n/)
  expect(out).toContain('  warning: 2 of 3 shards are here; missing: 1 [missing_shards]\n')
  const json = JSON.parse((await analyze('report', ...parts, '--format', 'json')).out)
  expect(json.shards).toEqual([
    { index: 0, of: 3, tape: parts[0], offset_ns: 0 },
    { index: 2, of: 3, tape: parts[1], offset_ns: 2_500_000 },
  ])
})

test('shards that do not belong together are refused', async () => {
  const refusal = async (other: string): Promise<string> => {
    const error = await open(a, other).then(
      () => expect.fail('it opened'),
      error => error,
    )
    expect(error.name).toBe('UserError')
    return error.message.replaceAll(a, 'A').replaceAll(other, 'OTHER')
  }
  const other = (manifest: Partial<Manifest>) => shard(1, 2, 0n, [], manifest)
  expect(await refusal(await shard(0, 2, 1n, []))).toBe(
    'OTHER: shard 0 of 2 of the run a is already there from A',
  )
  expect(await refusal(await shard(1, 3, 0n, []))).toBe('OTHER: is shard 1 of 3, but A is one of 2')
  expect(await refusal(await other({ seed: 1 }))).toBe(
    'OTHER: is a shard of the run a, but its seed is not that of A',
  )
  expect(await refusal(await other({ plan: { model: 'm', concurrency: 2 } }))).toBe(
    'OTHER: is a shard of the run a, but its plan (concurrency) is not that of A',
  )
  const endpoint = { type: 'chat', streaming: true, urls: ['http://other'], model: 'm' }
  expect(await refusal(await other({ endpoint }))).toBe(
    'OTHER: is a shard of the run a, but its endpoint is not that of A',
  )
})

test('the verdict of each run, in the order in which they were named', async () => {
  const whole = await writeTape([{ tokens: [10] }], { manifest: { run_id: 'whole' } })
  const failed = await writeTape([{ outcome: 'timeout' }], { manifest: { run_id: 'failed' } })
  const verdicts = await verdictOf(await open(whole, failed, a))
  expect(verdicts.map(({ runId, verdict }) => [runId, verdict])).toEqual([
    ['whole', 'valid'],
    ['failed', 'not valid'],
    ['a', 'valid with warnings'],
  ])
  expect(verdicts[1]!.checks.map(({ name, n_requests }) => [name, n_requests])).toEqual([
    ['failed_requests', 1],
    ['nothing_measured', 1],
  ])
})

test('every instant of a request is shifted, and no length of time', async () => {
  const alone = await open(b)
  const both = await open(a, b)
  const of = async (tapes: typeof both) =>
    (await tapes.query('from requests where lane = 1 and sent_ns is not null'))[0]!
  const [own, ofRun] = [await of(alone), await of(both)]
  const shifted = Object.keys(own).filter(name => own[name] !== ofRun[name])
  expect(shifted.sort()).toEqual([
    ...['end_ns', 'first_content_ns', 'first_output_ns', 'headers_ns', 'last_content_ns'],
    ...['second_content_ns', 'sent_ns'],
  ])
  for (const name of shifted) expect(Number(ofRun[name]) - Number(own[name])).toBe(Number(LATER))
  expect(ofRun['max_gap_ns']).toBe(10_000_000)
  const durations = ['decode_sum_ns', 'max_gap_ns', 'second_gap_ns']
  expect(
    Object.keys(own)
      .filter(name => name.endsWith('_ns') && own[name] !== null)
      .sort(),
  ).toEqual([...shifted, ...durations].sort())
})
