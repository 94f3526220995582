import { expect, test } from 'vitest'
import { openLiteral, type RequestLiteral, type TapeFacts, words } from '../support/tape.ts'

const usage = (n: number) => ({ prompt_tokens: 5, completion_tokens: n })
const many = (n: number, request: RequestLiteral): RequestLiteral[] => Array(n).fill(request)

test('a sound run is silent', async () => {
  const tape = await openLiteral(
    [{ scheduled: 0, sent: 1, tokens: [10, 20], usage: usage(2), requested_output_tokens: 2 }],
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
    'late_sends',
    'warning',
    1,
    '1 of 2 requests were sent more than 10 ms late',
    [
      { scheduled: 0, sent: 11, tokens: [20] },
      { scheduled: 0, sent: 10, tokens: [20] },
    ],
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
    'warning',
    null,
    'the recorder stood still for up to 30.0 ms, 1 times longer than 20 ms',
    [{ tokens: [10] }],
    { health: [{ loop_delay_max_ns: 30e6 }] },
  ],
  [
    'recorder_stalled',
    'error',
    null,
    'the recorder stood still for up to 130.0 ms, 1 times longer than 20 ms',
    [{ tokens: [10] }],
    { health: [{ loop_delay_max_ns: 130e6 }] },
  ],
])('%s: %s', async (name, severity, n_requests, message, requests, facts = {}) => {
  const tape = await openLiteral(requests, facts)
  expect(
    await tape.query(`select severity, n_requests, message from checks where name = '${name}'`),
  ).toEqual([{ severity, n_requests, message }])
})

test('tokens_not_counted: messages stand for tokens', async () => {
  const tape = await openLiteral([{ tokens: [10] }], {}, { tokenizerOf: () => undefined })
  expect(await tape.query('select name from checks')).toEqual([{ name: 'tokens_not_counted' }])
  expect(words.id).toBe('words')
})
