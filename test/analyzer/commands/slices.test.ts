import { expect, test } from 'vitest'
import { analyze } from '../../support/analyze.ts'
import { openLiteral, type RequestLiteral, writeTape } from '../../support/tape.ts'

const builtin = { manifest: { tokenizer: { id: 'builtin', digest: '' } } }
const TWO: RequestLiteral[] = [
  { sent: 0, tokens: [500, 1500] }, //     ends at 1502
  { sent: 1000, tokens: [1200, 2400] }, // ends at 2402
  { sent: 1100, outcome: 'timeout', end: 1900 },
]

test('tokens count where they arrived, requests where they started and ended', async () => {
  const tape = await openLiteral(TWO)
  expect(
    await tape.query(`
      select slice, from_ns / 1e6 as from_ms, complete, filled_ns / 1e6 as filled_ms, n_started, n_succeeded, n_failed, n_tokens
      from slices(1_000_000_000)`),
  ).toEqual([
    {
      slice: 0,
      from_ms: 0,
      complete: true,
      filled_ms: 1000,
      n_started: 1,
      n_succeeded: 0,
      n_failed: 0,
      n_tokens: 1,
    },
    {
      slice: 1,
      from_ms: 1000,
      complete: true,
      filled_ms: 1000,
      n_started: 2,
      n_succeeded: 1,
      n_failed: 1,
      n_tokens: 2,
    },
    {
      slice: 2,
      from_ms: 2000,
      complete: false,
      filled_ms: 402,
      n_started: 0,
      n_succeeded: 1,
      n_failed: 0,
      n_tokens: 1,
    },
  ])
  expect(
    await tape.query(
      `select slice, n, avg / 1e6 as ms from slice_statistics('time_to_first_token', 1_000_000_000)`,
    ),
  ).toEqual([
    { slice: 0, n: 1, ms: 500 },
    { slice: 1, n: 1, ms: 200 },
  ])
  expect(
    await tape.query(
      `select slice, n, avg / 1e6 as ms from slice_statistics('inter_chunk_latency', 1_000_000_000, by_arrival := true)`,
    ),
  ).toEqual([
    { slice: 1, n: 1, ms: 1000 },
    { slice: 2, n: 1, ms: 1200 },
  ])
})

test('slices add up to the run, without a tokenizer too', async () => {
  const usage = { prompt_tokens: 1, completion_tokens: 6 }
  const tape = await openLiteral(
    [{ sent: 0, tokens: [100, 200, 300], usage }],
    {},
    { tokenizerOf: () => undefined },
  )
  expect(await tape.query('select n_tokens from slices(150_000_000)')).toEqual([
    { n_tokens: 2 },
    { n_tokens: 2 },
    { n_tokens: 2 },
  ])
})

test.each([
  ['text', 'txt'],
  ['json', 'json'],
  ['csv', 'csv'],
  ['markdown', 'md'],
])('as %s', async (format, extension) => {
  const tape = await writeTape(TWO, builtin)
  const { code, out, err } = await analyze(
    ...['slices', tape, '--width', '1s', '--slo', 'ttft:300', '--format', format],
  )
  expect({ code, err }).toEqual({ code: 0, err: '' })
  await expect(out).toMatchFileSnapshot(`../../golden/slices.${extension}`)
})

test('the width is a tenth of the run unless told', async () => {
  const tape = await writeTape(TWO, builtin)
  const { out } = await analyze('slices', tape, '--format', 'json')
  expect(JSON.parse(out).timeslices).toHaveLength(5) // 2.4 s in slices of 0.5 s
})

test.each([
  [['--width', '10'], 'is not a duration'],
  [['--width', '0s'], 'a slice of no length'],
  [['--width', '1ns'], 'slices are too many'],
  [['--metric', 'request_count'], 'is one value a run'],
  [['--metric', 'tfft'], 'no metric "tfft"'],
])('%j is refused', async (flags, message) => {
  const { code, err } = await analyze('slices', await writeTape(TWO, builtin), ...flags)
  expect(code).toBe(2)
  expect(err).toContain(message)
})

test('slices of a request whose content came after its end are counted too', async () => {
  const tape = await writeTape([{ sent: 0, tokens: [1, 1e9], end: 10 }], {
    ...builtin,
    unsorted: true,
  })
  const { code, err } = await analyze('slices', tape, '--width', '1ms')
  expect(code).toBe(2)
  expect(err).toContain('slices are too many')
})
