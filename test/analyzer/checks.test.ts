import { expect, test } from 'vitest'
import type { HealthRow } from '../../schemas/tables.ts'
import {
  chatChunk,
  DONE,
  type Happening,
  openLiteral,
  type RequestLiteral,
  type TapeFacts,
  words,
} from '../support/tape.ts'

const usage = (n: number) => ({ prompt_tokens: 5, completion_tokens: n })
const cached = (prompt_tokens: number, cached_tokens: number) => ({
  ...{ prompt_tokens, completion_tokens: 1 },
  prompt_tokens_details: { cached_tokens },
})
/** `n` pulses, 100 ms apart from the run's zero on, of which the first `bad` are as told. */
const pulses = (n: number, bad: number, row: Partial<HealthRow>): Partial<HealthRow>[] =>
  Array.from({ length: n }, (_, i) => ({ at_ns: (i + 1) * 100e6, ...(i < bad ? row : {}) }))
/** A request that lasts as long as so many pulses. */
const lasting = (n: number): RequestLiteral => ({ sent: 0, tokens: [10, 20], end: n * 100 })
/** An answer of which two messages are cut off. */
const CUT_OFF: RequestLiteral = {
  reads: [
    [10, `data: {"choices":[\n\n${chatChunk({ content: 'a' })}`],
    [20, `data: {"choices":[\n\n${chatChunk({ content: 'b' })}${DONE}`],
  ],
}
const many = (n: number, request: RequestLiteral): RequestLiteral[] => Array(n).fill(request)

/** The rows without the `n`th read. */
const withoutRead =
  (n: number) =>
  (happened: Happening[]): Happening[] =>
    happened.filter(each => each !== happened.filter(({ row }) => row.kind === 'read')[n])
/** The rows with these bytes put on the last one of a kind, as if they were more of the same read. */
const withBytesOn =
  (kind: Happening['row']['kind'], text: string) =>
  (happened: Happening[]): Happening[] => {
    const last = happened.findLast(({ row }) => row.kind === kind)!
    const data = Buffer.concat([last.row.data as Uint8Array, Buffer.from(text)])
    const row = { ...last.row, data, n_bytes: last.row.n_bytes! + text.length }
    return happened.map(each => (each === last ? { ...each, row } : each))
  }
const without =
  (...kinds: Happening['row']['kind'][]) =>
  (happened: Happening[]): Happening[] =>
    happened.filter(({ row }) => !kinds.includes(row.kind))
const twice =
  (kind: Happening['row']['kind']) =>
  (happened: Happening[]): Happening[] =>
    happened.flatMap(each => (each.row.kind === kind ? [each, each] : [each]))

test('a sound run is silent', async () => {
  const tape = await openLiteral(
    [
      { scheduled: 0, sent: 1, tokens: [10, 20], usage: usage(2), requested_output_tokens: 2 },
      { scheduled: 0, sent: 1, tokens: [10], outcome: 'cancelled' },
    ],
    { health: [{ loop_delay_max_ns: 3e6 }] },
  )
  expect(await tape.query('from checks')).toEqual([])
})

test.each<
  [
    name: string,
    severity: string,
    n: number | null,
    message: string,
    requests: RequestLiteral[],
    facts?: TapeFacts,
  ]
>([
  [
    'failed_requests',
    'warning',
    1,
    '1 of 20 requests failed (5.0 %)',
    [...many(19, { tokens: [10] }), { outcome: 'timeout' }],
  ],
  [
    'failed_requests',
    'error',
    1,
    '1 of 4 requests failed (25.0 %)',
    [...many(3, { tokens: [10] }), { outcome: 'timeout' }],
  ],
  [
    'unfinished_requests',
    'warning',
    1,
    '1 requests have no end on the tape',
    [{ tokens: [10] }, { tokens: [10], outcome: 'unfinished' }],
  ],
  ['nothing_measured', 'error', 1, 'none of 1 requests succeeded', [{ outcome: 'connect_error' }]],
  ['nothing_measured', 'error', 0, 'the tape holds no request', []],
  [
    'tape_not_sealed',
    'warning',
    null,
    'the tape is not sealed',
    [{ tokens: [10] }],
    { state: 'live' },
  ],
  [
    'run_not_completed',
    'warning',
    null,
    'the run was interrupted',
    [{ tokens: [10] }],
    { manifest: { outcome: 'interrupted' } },
  ],
  [
    'short_answers',
    'warning',
    1,
    '1 of 2 answers have fewer output tokens than asked for',
    [
      { tokens: [10], requested_output_tokens: 100, usage: usage(94) },
      { tokens: [10], requested_output_tokens: 100, usage: usage(95) },
    ],
  ],
  [
    'prompts_cached',
    'warning',
    1,
    "96 of 200 fresh prompt tokens (48.0 %) were in the server's cache, of 1 requests",
    [
      { tokens: [10], input_tokens: 100, usage: cached(104, 4) },
      { tokens: [10], input_tokens: 100, usage: cached(104, 100) },
    ],
  ],
  [
    'late_sends',
    'warning',
    1,
    '1 of 20 requests were sent more than 10 ms late, up to 11 ms',
    [
      ...many(19, { scheduled: 0, sent: 10, tokens: [20] }),
      { scheduled: 0, sent: 11, tokens: [20] },
    ],
  ],
  [
    'late_sends',
    'error',
    1,
    '1 of 9 requests were sent more than 10 ms late, up to 30 ms',
    [
      ...many(8, { scheduled: 0, sent: 10, tokens: [20] }),
      { scheduled: 0, sent: 30, tokens: [40] },
    ],
  ],
  [
    'coalesced_reads',
    'warning',
    1,
    '20.0 % of the content messages share a read with the one before; 1 requests have such messages',
    [{ tokens: [10, 20, 30, 40, 50, 50] }],
  ],
  [
    'ports_or_descriptors_exhausted',
    'error',
    1,
    '1 of 3 requests got no connection from this machine: EMFILE',
    [
      ...many(2, { tokens: [10] }),
      { outcome: 'connect_error', detail: 'connect EMFILE 127.0.0.1:80 - Local (undefined)' },
    ],
  ],
  [
    'ports_or_descriptors_exhausted',
    'warning',
    1,
    '1 of 100 requests got no connection from this machine: EADDRNOTAVAIL',
    [
      ...many(99, { tokens: [10] }),
      { outcome: 'connect_error', detail: 'EADDRNOTAVAIL: cannot assign' },
    ],
  ],
  [
    'clock_backwards',
    'error',
    1,
    'the clock went backwards within 1 requests',
    [{ tokens: [10, 20] }, { sent: 30, headers: 20, tokens: [40] }],
  ],
  [
    'retried_requests',
    'warning',
    1,
    '1 of 20 requests were sent again, since the server had closed their connection',
    [...many(19, { tokens: [10] }), { retries: [3], tokens: [10] }],
  ],
  [
    'retried_requests',
    'info',
    1,
    '1 of 100 requests were sent again, since the server had closed their connection',
    [...many(99, { tokens: [10] }), { retries: [3], tokens: [10] }],
  ],
  [
    'connections_opened',
    'info',
    1,
    '1 of 2 requests had to open a connection first',
    [{ tokens: [10] }, { connect: 0, tokens: [10] }],
  ],
  [
    'undecoded_messages',
    'warning',
    2,
    '4 messages of 2 requests could not be decoded, the first: {"choices":[',
    [...many(2, CUT_OFF), { ...CUT_OFF, phase: 'warmup' }, { tokens: [10] }],
  ],
  [
    'unasked_answers',
    'warning',
    null,
    '2 reads brought bytes that no request had asked for; answers may belong to another request',
    [{ tokens: [10] }],
    { health: [{ unasked_reads: 1 }, { at_ns: 100e6, unasked_reads: 1 }] },
  ],
  [
    'blanked_secrets',
    'info',
    2,
    '2 requests were answered with a secret of the run: 27 bytes in 3 reads are overwritten on the tape, 4 in 1 metrics pages',
    [
      {
        reads: [
          [10, 'data: xxxxxxxxxxxx', 12],
          [11, 'xxxxx', 5],
          [12, 'a'],
        ],
      },
      { reads: [[10, 'xxxxxxxxxx', 10]] },
      { tokens: [10] },
    ],
    {
      scrapes: [
        { url: 'u', asked_ns: 1, at_ns: 2, status: 200, text: 'xxxx', error: null, blanked_bytes: 4 },
      ],
    }, // biome-ignore format: a request a line
  ],
  [
    'lost_rows',
    'warning',
    2,
    '1 requests have events and no row of what was asked, 1 a row and no events',
    [{ tokens: [10] }, { tokens: [10], lost: 'events' }, { tokens: [10], lost: 'row' }],
  ],
  // What a recorder wrote that took the second chunk of a read for more of the row before: with
  // --prefill-concurrency that was the `sent` of the request which the first chunk had let go.
  [
    'lost_bytes',
    'error',
    2,
    '1 of 3 answers had 484 body bytes, and 327 are in their reads; 157 bytes are on rows of 1 requests that are no reads',
    [
      { tokens: [10, 20] },
      { tokens: [10], corrupted: withoutRead(1) },
      { sent: 10, tokens: [20], corrupted: withBytesOn('sent', 'x'.repeat(157)) },
    ],
  ],
  [
    'lost_bytes',
    'error',
    1,
    '1 of 1 answers had 484 body bytes, and 485 are in their reads',
    [{ tokens: [10], corrupted: withBytesOn('read', 'x') }],
  ],
  [
    'lost_bytes',
    'error',
    1,
    '1 of 2 answers had 6 body bytes, and 0 are in their reads',
    [{ tokens: [10] }, { reads: [[10, 'a body']], corrupted: withoutRead(0) }],
  ],
  ...(['scheduled', 'dequeued', 'connect', 'body_sent'] as const).map(
    (kind): [string, string, number, string, RequestLiteral[]] => [
      'lost_bytes',
      'error',
      1,
      '3 bytes are on rows of 1 requests that are no reads',
      [
        {
          ...{ scheduled: 0, dequeued: 0, connect: 0, bodySent: 1, tokens: [10] },
          corrupted: withBytesOn(kind, 'abc'),
        },
      ],
    ],
  ),
  [
    'misplaced_rows',
    'error',
    1,
    '1 requests have an answer and were never sent',
    [{ tokens: [10] }, { tokens: [10], corrupted: without('sent') }],
  ],
  [
    'misplaced_rows',
    'error',
    1,
    '1 requests have an answer and were never sent',
    [{ tokens: [10] }, { tokens: [10], corrupted: without('sent', 'headers', 'read') }],
  ],
  [
    'misplaced_rows',
    'error',
    2,
    '1 requests ended more than once; 1 requests have reads after their end',
    [
      { tokens: [10], corrupted: twice('end') },
      { tokens: [10, 20], end: 15 },
    ],
  ],
  [
    'misplaced_rows',
    'error',
    1,
    '1 requests ended more than once',
    [{ tokens: [10] }, { outcome: 'timeout', corrupted: twice('error') }],
  ],
  [
    'missing_shards',
    'warning',
    null,
    '1 of 3 shards are here; missing: 0, 2',
    [{ tokens: [10] }],
    { manifest: { shard: { index: 1, of: 3 } } },
  ],
  [
    'token_counts_differ',
    'warning',
    1,
    'client and server differ by more than 10 % on the output tokens of 1 of 2 requests',
    [
      { tokens: [10, 20], usage: usage(3) },
      { tokens: [10, 20], usage: usage(2) },
    ],
  ],
  [
    'no_content',
    'warning',
    1,
    '1 of 2 successful answers have no content',
    [{ tokens: [] }, { tokens: [10] }],
  ],
  [
    'recorder_stalled',
    'info',
    1,
    'the recorder stood still for 0.8 % of the time, up to 30.0 ms at once; 1 requests were in flight then',
    [lasting(40)],
    { health: pulses(40, 1, { loop_delay_max_ns: 30e6 }) },
  ],
  [
    'recorder_stalled',
    'warning',
    1,
    'the recorder stood still for 3.0 % of the time, up to 30.0 ms at once; 1 requests were in flight then',
    [lasting(10), { sent: 200, tokens: [210] }],
    { health: pulses(10, 1, { loop_delay_max_ns: 30e6 }) },
  ],
  [
    'recorder_stalled',
    'error',
    1,
    'the recorder stood still for 13.0 % of the time, up to 130.0 ms at once; 1 requests were in flight then',
    [lasting(10)],
    { health: pulses(10, 1, { loop_delay_max_ns: 130e6 }) },
  ],
  [
    'cpu_saturated',
    'warning',
    1,
    'a lane had work for more than 90 % of the time in 20 % of the pulses; 1 requests were in flight then',
    [lasting(11)],
    { health: pulses(11, 3, { cpu_lane_ns: 90e6 }) },
  ],
  [
    'cpu_saturated',
    'error',
    1,
    'a lane had work for more than 90 % of the time in 60 % of the pulses; 1 requests were in flight then',
    [lasting(11)],
    { health: pulses(11, 7, { cpu_lane_ns: 99e6 }) },
  ],
  [
    'cpu_saturated',
    'error',
    1,
    'a lane had work for more than 90 % of the time in 60 % of the pulses; 1 requests were in flight then',
    [lasting(11)],
    { health: pulses(11, 7, { cpu_lane_ns: 80e6, run_queue_wait_ns: 12e6 }) },
  ],
  [
    'no_free_core',
    'warning',
    1,
    'the recorder waited for a core for 8.0 % of the time; 1 requests were in flight then',
    [lasting(11)],
    { health: pulses(11, 3, { run_queue_wait_ns: 40e6 }) },
  ],
  [
    'no_free_core',
    'error',
    1,
    'the recorder waited for a core for 30.0 % of the time; 1 requests were in flight then',
    [lasting(11)],
    { health: pulses(11, 11, { run_queue_wait_ns: 30e6 }) },
  ],
  [
    'disk_too_slow',
    'warning',
    1,
    'the recorder stood still for 50 ms because the disk could not keep up; 1 requests were in flight then',
    [lasting(10), { sent: 600, tokens: [610] }],
    { health: pulses(10, 1, { writer_wait_ns: 50e6 }) },
  ],
  [
    'disk_too_slow',
    'error',
    1,
    'the recorder stood still for 200 ms because the disk could not keep up; 1 requests were in flight then',
    [lasting(10)],
    { health: pulses(10, 1, { writer_wait_ns: 200e6 }) },
  ],
])('%s: %s', async (name, severity, n_requests, message, requests, facts = {}) => {
  const tape = await openLiteral(requests, facts)
  expect(
    await tape.query(`select severity, n_requests, message from checks where name = '${name}'`),
  ).toEqual([{ severity, n_requests, message }])
})

test('bytes and rows are in place: retried, failed, cancelled, unfinished and empty answers', async () => {
  const tape = await openLiteral([
    { retries: [3], tokens: [10] },
    { tokens: [10], outcome: 'broken_stream' },
    { tokens: [10], outcome: 'cancelled', end: 10 },
    { tokens: [10], outcome: 'unfinished' },
    { outcome: 'connect_error' },
    { reads: [], status: 204 },
    { tokens: [10], lost: 'row' },
    // What a phase could not send before its end.
    { scheduled: 1, outcome: 'cancelled', corrupted: without('sent', 'error') },
  ])
  expect(await tape.query('from lost_bytes')).toEqual([])
  expect(await tape.query('from misplaced_rows')).toEqual([])
})

test('the bytes of an imported run, of which it knows none, are not judged', async () => {
  const imported = { tool: 'vllm', files: [], starts_known: true, unknown: [] }
  const tape = await openLiteral(
    [{ tokens: [10, 20], end: 15, corrupted: happened => twice('end')(withoutRead(0)(happened)) }],
    { manifest: { imported } },
  )
  expect(await tape.query('from lost_bytes')).toEqual([])
  expect(await tape.query('from misplaced_rows')).toEqual([])
})

test('tokens_not_counted: messages stand for tokens', async () => {
  const tape = await openLiteral([{ tokens: [10] }], {}, { tokenizerOf: () => undefined })
  expect(await tape.query('select name from checks')).toEqual([{ name: 'tokens_not_counted' }])
  expect(words.id).toBe('words')
})

test('a stall that is small against the time between messages is silent', async () => {
  const health = pulses(10, 10, { loop_delay_max_ns: 12e6 })
  const slow = await openLiteral([{ tokens: [100, 300, 500, 700], end: 1000 }], { health })
  expect(await slow.query('from recorder_stalled')).toEqual([])
  const fast = await openLiteral([{ tokens: [100, 130, 160, 190], end: 1000 }], { health })
  expect(await fast.query('select severity from recorder_stalled')).toEqual([{ severity: 'error' }])
})

test('what the recorder did before the first send and after the last answer is not held against it', async () => {
  const tape = await openLiteral([{ sent: 1000, tokens: [1010] }], {
    health: [
      { at_ns: 900e6, loop_delay_max_ns: 500e6, writer_wait_ns: 1e6 },
      { at_ns: 1050e6 },
      { at_ns: 2000e6, loop_delay_max_ns: 900e6 },
      { at_ns: 2100e6, loop_delay_max_ns: 90e6, run_queue_wait_ns: 99e6 },
    ],
  })
  expect(await tape.query('select at_ns from vitals order by at_ns')).toEqual([{ at_ns: 1050e6 }])
  expect(await tape.query('select name from checks')).toEqual([])
})

test('only requests of the lane that stood still are touched', async () => {
  const tape = await openLiteral([lasting(10), { ...lasting(10), lane: 1 }], {
    health: pulses(10, 2, { loop_delay_max_ns: 60e6, lane: 1 }),
  })
  expect(await tape.query('select n_requests from recorder_stalled')).toEqual([{ n_requests: 1 }])
})

test('a request whose row was lost is of the profiling phase', async () => {
  const tape = await openLiteral([{ tokens: [10], phase: 'warmup', lost: 'row' }, { tokens: [10] }])
  expect(await tape.query('select phase, outcome from requests order by request_id')).toEqual([
    { phase: 'profiling', outcome: 'ok' },
    { phase: 'profiling', outcome: 'ok' },
  ])
})

test('not_tokenised: an answer of more than a million characters is not tokenised', async () => {
  const long = 'x'.repeat(600_000)
  const tape = await openLiteral([
    {
      tokens: [
        [10, long],
        [20, long],
      ],
      usage: usage(7),
    },
    { tokens: [10, 20], usage: usage(2) },
  ])
  expect(
    await tape.query(
      'select output_tokens, output_tokens_source from requests order by request_id',
    ),
  ).toEqual([
    { output_tokens: 7, output_tokens_source: 'server' },
    { output_tokens: 2, output_tokens_source: 'tokenizer' },
  ])
  expect(await tape.query('select name, severity, n_requests, message from checks')).toEqual([
    {
      name: 'not_tokenised',
      severity: 'warning',
      n_requests: 1,
      message: '1 answers have more than 1,000,000 characters and were not tokenised',
    },
  ])
})

test.each([
  [true, [['imported', 'warning']]],
  [
    false,
    [
      ['imported', 'warning'],
      ['starts_unknown', 'error'],
    ],
  ],
])('a run of another tool is said to be one; starts known: %s', async (starts_known, expected) => {
  const imported = { tool: 'vllm', files: [], starts_known, unknown: [] }
  const tape = await openLiteral([{ sent: 0, tokens: [10, 20] }], { manifest: { imported } })
  const found = await tape.query('select name, severity, message from checks order by name')
  expect(found.map(({ name, severity }) => [name, severity])).toEqual(expected)
  for (const { message } of found) expect(message).toContain('vllm')
})
