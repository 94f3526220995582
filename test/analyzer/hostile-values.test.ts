import { describe, expect, test } from 'vitest'
import { CATALOGUE, metricsOf, readModels } from '../../analyzer/models.ts'
import { openTapes, type Tapes } from '../../analyzer/open-tapes.ts'
import { UserError } from '../../schemas/errors.ts'
import {
  chatChunk,
  DONE,
  type RequestLiteral,
  type TapeFacts,
  usageChunk,
  words,
  writeTape,
} from '../support/tape.ts'

/** The largest of a UINT32 column, and the last instant that is a whole number of ns everywhere: 104 days, in ms. */
const MOST = 2 ** 32 - 1
const LAST_MS = (2 ** 53 - 2e6) / 1e6

const usage = (prompt: number, completion: number, cached: number, reasoning: number): object => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: cached },
  completion_tokens_details: { reasoning_tokens: reasoning },
})
const answer = (at: number[], said: object, finish = 'stop'): RequestLiteral['reads'] => [
  ...at.map((ms, i): [number, string] => [
    ms,
    chatChunk(i === 0 ? { reasoning_content: ' hm' } : { content: ' word' }),
  ]),
  [at.at(-1)!, chatChunk({}, finish) + usageChunk(said) + DONE],
]

/** Every number as 0, 1, the largest, and not there at all, each beside each of the server's. */
const counts: RequestLiteral[] = [null, 0, 1, MOST].flatMap((client, i) =>
  [0, 1, MOST].map(
    (server, j): RequestLiteral => ({
      sent: 10 * i + j,
      scheduled: 10 * i,
      dequeued: 10 * i,
      connect: 10 * i + j,
      bodySent: 10 * i + j,
      input_tokens: client,
      history_tokens: client === null ? null : [0, client, MOST][j]!,
      requested_output_tokens: client,
      body_bytes: client ?? 0,
      dataset_row: client,
      turn: client ?? 0,
      session_id: `session ${i}`,
      reads: answer([60, 70, 300], usage(server, MOST - server, [MOST, 1, 0][j]!, server))!,
    }),
  ),
)

/** Ends before starts, equal instants, the first and the last instant there is, nothing at all. */
const instants: RequestLiteral[] = [
  { sent: 0, scheduled: 0, headers: 0, reads: answer([0, 0, 0], usage(0, 0, 0, 0))!, end: 0 },
  { sent: 500, scheduled: 900, connect: 400, bodySent: 300, headers: 200, tokens: [100, 50], end: 10 },
  { sent: 0, scheduled: LAST_MS, tokens: [1, LAST_MS - 1] },
  { sent: LAST_MS, scheduled: 0, dequeued: 0, tokens: [LAST_MS, LAST_MS], end: LAST_MS },
  { sent: 5, reads: [], status: 0, outcome: 'connect_error' },
  { sent: 5, tokens: [], outcome: 'unfinished' },
  { sent: 5, tokens: [10], outcome: 'cancelled', end: 0 },
  { sent: 5, tokens: [10], outcome: 'timeout', detail: '', retries: [0, LAST_MS] },
  { sent: 5, tokens: [], session_id: 'alone', turn: MOST },
  { sent: 5, tokens: [10], lost: 'row' },
  { lost: 'events' },
] // biome-ignore format: a request a line

const health = [0, 1, Number.MAX_SAFE_INTEGER].flatMap(value =>
  [0, 100, LAST_MS].map(ms => ({
    ...Object.fromEntries(SPANS().map(name => [name, value])),
    ...Object.fromEntries(COUNTS().map(name => [name, Math.min(value, MOST)])),
    unasked_reads: value === 0 ? null : Math.min(value, MOST),
    at_ns: Math.round(ms * 1e6),
  })),
)
function SPANS(): string[] {
  return [
    ...['loop_delay_max_ns', 'loop_delay_p99_ns', 'gc_minor_ns', 'gc_major_ns', 'gc_other_ns', 'gc_max_ns'],
    ...['cpu_lane_ns', 'cpu_process_ns', 'run_queue_wait_ns', 'rss_bytes', 'send_late_max_ns'],
    ...['bytes_buffered', 'writer_wait_ns'],
  ] // biome-ignore format: as in the table
}
function COUNTS(): string[] {
  return ['in_flight', 'sent', 'reads', 'reads_multi']
}

const page = (value: string): string => `# TYPE t histogram
t_bucket{le="+Inf"} ${value}
t_sum ${value}
t_count ${value}
# TYPE c counter
c{a="1",a="2"} ${value}
c{a="1"} ${value}
`
const scrapes = ['0', '1e300', 'NaN', '+Inf', '-1', '1'].map((value, i) => ({
  url: 'http://localhost/metrics',
  asked_ns: i === 5 ? Math.round(LAST_MS * 1e6) : i,
  at_ns: i === 5 ? Math.round(LAST_MS * 1e6) : i,
  status: 65535,
  text: i === 4 ? null : page(value),
  error: null,
}))

const manifest = (more: object): NonNullable<TapeFacts['manifest']> => ({
  started_at_unix_ns: String(2n ** 62n - 1n),
  ended_ns: Number.MAX_SAFE_INTEGER,
  host: { cores: Number.MAX_SAFE_INTEGER },
  lanes: Number.MAX_SAFE_INTEGER,
  seed: Number.MAX_SAFE_INTEGER,
  plan: {
    workload: { batchSize: Number.MAX_SAFE_INTEGER, systemTokens: Number.MAX_SAFE_INTEGER },
    forceOsl: true,
  },
  ...more,
})

type Hostile = [name: string, requests: RequestLiteral[], facts: TapeFacts]
const TAPES: Hostile[] = [
  ['nothing', [], {}],
  ['nothing but a failure', [{ outcome: 'timeout', detail: '' }], {}],
  ['one instant', Array(20).fill({ sent: 0, tokens: [0, 0, 0], end: 0 }), {}],
  ['counts', counts, { health, scrapes, manifest: manifest({}) }],
  ['instants', instants, { health, scrapes, manifest: manifest({}) }],
  [
    'instants out of order',
    instants,
    { unsorted: true, manifest: manifest({ shard: { index: 7, of: Number.MAX_SAFE_INTEGER } }) },
  ],
  ['without text', counts.concat(instants), { manifest: { keep: 'timing', outcome: 'failed' } }],
]

const models = readModels()
const metrics = metricsOf(models)
/** Metrics of every grain, type and size of value: whole and not, in ns, tokens, shares and rates, infinite, since 1970. */
const SOME = [
  ...['time_to_first_token', 'adj_time_to_first_token', 'reader_wait', 'inter_token_latency'],
  ...['inter_chunk_latency', 'usage_prompt_tokens_diff_pct', 'tokens_in_flight', 'total_isl'],
  'max_response_timestamp',
]
const OF_REQUESTS = SOME.filter(name =>
  metrics.some(metric => metric.name === name && metric.grain === 'request'),
)

/** How to call each macro: what a person, a figure or a command would give it. A macro that is not here fails the test. */
const CALLS: Record<string, string[]> = {
  attainment: ["'hostile_judged'"],
  batches: OF_REQUESTS.map(name => `'${name}', 25, 1`),
  binned_distribution: ["'hostile_bins', [0, 0.5, 1]", "'hostile_infinite', [0, 0.5, 1]"],
  binned_histogram: ["'hostile_bins', 20", "'hostile_infinite', 20"],
  bins: SOME.map(name => `'${name}'`),
  capacity: ["'hostile_counts', 1e9, 0.99", "'hostile_counts', 0, 0"],
  concurrency: ['1e14::bigint', '9007199254740992'],
  dialect_families: ["'hostile_rules', 'dialect_facts', 'hostile_requests'"],
  dialect_gaps: ["'hostile_families', 'hostile_requests'"],
  dialect_numbers: ["'hostile_rules', 'hostile_families', 'hostile_statistics'"],
  dialect_rates: ["'hostile_requests'"],
  dialect_requests: ["'hostile_rules', 'dialect_facts'"],
  dialect_samples: ["'hostile_requests'"],
  dialect_statistics: ["'hostile_samples'"],
  dialect_steps: ["'dialects'"],
  distribution: SOME.map(name => `'${name}', [0, 0.5, 0.999, 1]`),
  failure_slices: ['1e14::bigint'],
  goodput: ["'hostile_judged'"],
  goodput_grid: ["'hostile_points', 'hostile_cells'"],
  hdr_percentiles: SOME.map(name => `'${name}'`),
  histogram: SOME.map(name => `'${name}', 20`),
  over_time: OF_REQUESTS.map(name => `'${name}'`),
  over_time_cells: OF_REQUESTS.map(name => `'${name}', 20, 10`),
  pareto: ["'hostile_settings', 8"],
  percentiles: SOME.map(name => `'${name}'`),
  roll_requests: ['1', '1000000'],
  roll_ticks: ['600'],
  slice_goodput: [
    "'hostile_judged', 1e14::bigint",
    "'hostile_judged', 1e14::bigint, by_end := true",
  ],
  slice_load: ['1e14::bigint', '9007199254740992'],
  slice_statistics: SOME.map(name => `'${name}', 1e14::bigint`),
  slices: ['1e14::bigint', '9007199254740992'],
  summary: metrics
    .filter(({ name }) => SOME.includes(name))
    .map(({ name, percentiles }) => `'${name}', method := '${percentiles}'`),
  tightest_limits: ["'hostile_measured', 0.999999999", "'hostile_measured', 0"],
  time_weighted: SOME.map(name => `'${name}'`),
  timeline: ['0', '4', String(MOST)],
  aiperf_records: [`0, ${MOST}`],
  trace_instants: [`0, ${MOST}`],
  trace_spans: [`0, ${MOST}`],
  vllm_gaps: [`0, ${MOST}`],
  vllm_peaks: ["'hostile_requests'"],
}

/** Relations that macros take, as the commands make them. */
const PREPARED = `
  create table hostile_metrics as from request_metrics;
  create table hostile_judged as
    select run_id, request_id, 'tier' as tier, coalesce(ttft_ms < 1e9, false) as good, [ttft_ms < 1e9, itl_ms >= 0] as parts
    from hostile_metrics where phase = 'profiling';
  create table hostile_measured as
    select run_id, 'tier' as tier, 0 as part, ttft_ms as value, true as others_met from hostile_metrics where outcome = 'ok';
  create table hostile_points as
    select run_id, ttft_ms as x, itl_ms as y, latency_ms as z from hostile_metrics where outcome = 'ok';
  create table hostile_cells as from (values (0.0, 0.0, null::double), (1e18, 1e18, 1e18)) as t(x, y, z);
  create table hostile_settings as select run_id, 'one' as setting, 0 as place from raw_runs;
  create table hostile_counts as from goodput('hostile_judged');
  create table hostile_bins as from bins('inter_chunk_latency');
  create table hostile_infinite as from bins('adj_request_latency');
  create table hostile_rules as from dialect_steps('dialects');
  create table hostile_requests as from dialect_requests('hostile_rules', 'dialect_facts');
  create table hostile_families as from dialect_families('hostile_rules', 'dialect_facts', 'hostile_requests');
  create table hostile_samples as from dialect_samples('hostile_requests') union all from dialect_gaps('hostile_families', 'hostile_requests');
  create table hostile_statistics as
    from dialect_statistics('hostile_samples') union all by name from dialect_rates('hostile_requests')`

const opened = (paths: string[]): Promise<Tapes> =>
  openTapes(paths, { err: () => {}, tokenizerOf: () => words })

/** The queries that fail, with what DuckDB says. */
async function failing(tapes: Tapes, queries: string[]): Promise<string[]> {
  const failed: string[] = []
  for (const sql of queries)
    await tapes.query(sql).catch(error => failed.push(`${sql}: ${String(error).split('\n')[0]}`))
  return failed
}

describe('of tapes with hostile values', async () => {
  // In one database, each a run: a thousand queries are asked once.
  const paths = await Promise.all(
    TAPES.map(([run_id, requests, facts]) =>
      writeTape(requests, { ...facts, manifest: { run_id, ...facts.manifest } }),
    ),
  )
  const tapes = await opened(paths)

  test('every column of every relation can be read', async () => {
    // Metrics, checks and dialects are all in the relations of the catalogue.
    const relations = [
      ...models
        .filter(({ layer, header }) => !header['params'] && !/^(4_metrics|5_)/.test(layer))
        .map(({ name }) => name),
      ...[...CATALOGUE, 'dialects'],
    ]
    expect(
      await failing(
        tapes,
        relations.map(name => `from ${name}`),
      ),
    ).toEqual([])
    // A column of its own, as a person asks for what has a value: then other rows are left out first, or last.
    const queries = ['select count(*) from request_metrics where ttft_ms is not null']
    for (const { name } of models.filter(
      ({ layer, name }) => /^[12]_/.test(layer) || name === 'requests',
    ))
      for (const row of await tapes.query(`select column_name from (describe ${name})`))
        queries.push(`select count(*) from ${name} where "${row['column_name']}" is not null`)
    expect(await failing(tapes, queries)).toEqual([])
  })

  test('every report and export can be asked', async () => {
    const macros = models.filter(({ header }) => header['params'])
    expect(macros.map(({ name }) => name).sort()).toEqual(Object.keys(CALLS).sort())
    expect(await failing(tapes, PREPARED.split(';'))).toEqual([])
    const queries = macros.flatMap(({ name }) =>
      CALLS[name]!.map(given => `from ${name}(${given})`),
    )
    expect(await failing(tapes, queries)).toEqual([])
  })

  test('a count less another is a number, on whatever side it is less', async () => {
    const counted = await tapes.query(`
      select table_name as relation, column_name as name from (
        select 'raw_events' as table_name, column_name, column_type from (describe raw_events)
        union all select 'raw_requests', column_name, column_type from (describe raw_requests)
        union all select 'raw_health', column_name, column_type from (describe raw_health)
        union all select 'raw_scrapes', column_name, column_type from (describe raw_scrapes)
        union all select 'messages', column_name, column_type from (describe messages)
        union all select 'choice_messages', column_name, column_type from (describe choice_messages)
        union all select 'requests', column_name, column_type from (describe requests)
      )
      -- What is left of unsigned is a name: a request, a lane, a row, a choice, a status, a block.
      where starts_with(column_type, 'U') and column_name not in ('request_id', 'lane', 'dataset_row', 'choice', 'status', 'hash_ids')`)
    expect(counted).toEqual([])
  })
})

test.each([
  ['events', { sent: 2 ** 53 / 1e6 }],
  ['events', { sent: -(2 ** 53) / 1e6 }],
])('an instant in %s that no double holds is an error with the file', async (table, request) => {
  for (const state of ['sealed', 'live'] as const) {
    const path = await writeTape([{ tokens: [10], ...request }], { state })
    const error = await opened([path]).then(
      () => undefined,
      error => error,
    )
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toContain(`${path}/${table}-0`)
    expect((error as UserError).message).toContain('104 days')
  }
})
