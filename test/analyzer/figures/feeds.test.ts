import { describe, expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

/** Sent at 100, 200, 300 ms; the last fails. */
const tape = await tapeOf(
  { sent: 100, scheduled: 90, headers: 110, tokens: [120, 140, 180], end: 181 },
  { sent: 200, scheduled: 200, headers: 220, tokens: [230.004, 240], end: 245 },
  { sent: 300, scheduled: 290, status: 500, reads: [[310, 'no']], end: 310 },
)

test('instants count from the first send, and values are rounded up to hundredths of a ms', async () => {
  const rows = await tape.query('from timed_requests')
  expect(
    rows.map(row => [row['sent_ms'], row['ttft_ms'], row['latency_ms'], row['outcome']]),
  ).toEqual([
    [0, 20, 80, 'ok'],
    [100, 30.01, 40, 'ok'],
    [200, null, null, 'http_error'],
  ])
  expect(rows.map(row => row['itl_ms'])).toEqual([30, 10, null])
  expect(rows.map(row => row['max_gap_ms'])).toEqual([40, 10, null])
})

test('a metric over time has a row for each of its requests', async () => {
  const rows = await tape.query(`from over_time('request_latency')`)
  expect(rows.map(row => [row['request_id'], row['sent_s'], row['value']])).toEqual([
    [0, 0, 80e6],
    [1, 0.1, 40e6],
  ])
})

test('the parts of a way add up from the schedule to the end', async () => {
  const rows = await tape.query(`from latency_parts where population = 'all'`)
  expect(rows.map(row => [row['part'], row['mean_ms']])).toEqual([
    ['before_sending', 5],
    ['to_headers', 15],
    ['to_first_token', 10.002],
    ['generating', 34.998],
    ['closing', 3],
  ])
  expect(rows.reduce((sum, row) => sum + Number(row['share']), 0)).toBeCloseTo(1)
})

test('concurrency is a mean over each slice, and over what the run fills of the last', async () => {
  const rows = await tape.query('from concurrency(50000000)')
  expect(rows.map(row => [row['slice'], row['in_flight'], row['before_first_token']])).toEqual([
    [0, 1, 0.4],
    [1, 0.62, 0],
    [2, 0.9, 0.60008],
    [4, 1, 1],
  ])
})

test('failures stand in the slice in which they failed', async () => {
  expect(await tape.query('from failure_slices(50000000)')).toEqual([
    { run_id: 'a', slice: 4, from_s: 0.2, outcome: 'http_error', n_requests: 1 },
  ])
})

test('bins of a histogram hold every sample, the last what lies beyond', async () => {
  const rows = await tape.query(`from histogram('request_latency', 4)`)
  expect(rows.reduce((sum, row) => sum + Number(row['n']), 0)).toBe(2)
  expect(rows[0]).toMatchObject({ bin: 0, from_value: 40e6, n: 1 })
})

test('a distribution is read at the quantiles asked for', async () => {
  const rows = await tape.query(
    `from distribution('request_latency', [0, 0.5, 1]) order by quantile`,
  )
  expect(rows.map(row => [row['n'], row['value']])).toEqual([
    [2, 40e6],
    [2, 60e6],
    [2, 80e6],
  ])
})

describe('an arrival roll', () => {
  test('has every message of the requests it shows', async () => {
    const ticks = await tape.query('from roll_ticks(10)')
    expect(ticks.map(row => [row['place'], row['at_ms']])).toEqual([
      [0, 20],
      [0, 40],
      [0, 80],
      [1, 130.004],
      [1, 140],
    ])
  })

  test('takes requests evenly where there are too many, and says of how many', async () => {
    const lines = await tape.query('from roll_requests(2)')
    expect(lines.map(row => [row['place'], row['n_sent']])).toEqual([
      [0, 3],
      [2, 3],
    ])
  })
})

test('what shares are of: scheduled, sent, completed, and how long it took', async () => {
  expect(await tape.query('from served')).toEqual([
    { run_id: 'a', n_scheduled: 3, n_sent: 3, n_completed: 2, duration_ns: 140e6 },
  ])
})

test('cells of a surface are round and span the samples', async () => {
  const cells = await tape.query('select distinct x from surface_cells order by x')
  expect(cells).toHaveLength(12)
  expect(Number(cells[0]!['x'])).toBeLessThanOrEqual(21)
  expect(Number(cells.at(-1)!['x'])).toBeGreaterThanOrEqual(30)
})

test('bins give quantiles and bars within 0.1 % of those of the samples', async () => {
  const samples = Array.from({ length: 4000 }, (_, i) => Math.round(1e5 * 1.002 ** i))
  const many = `(values ${samples.map(value => `('a', ${value})`).join(', ')}) as t(run_id, value)`
  await tape.query(`create or replace temp table _some as from ${many}`)
  await tape.query(`create or replace temp table _some_bins as from bins('_some')`)
  const quantiles = [0, 0.01, 0.5, 0.9, 0.99, 1]
  const rows = await tape.query(
    `from binned_distribution('_some_bins', [${quantiles}]) order by quantile`,
  )
  expect(rows.map(({ n }) => n)).toEqual(quantiles.map(() => 4000))
  rows.forEach(({ value }, i) => {
    const exact = samples[Math.floor(quantiles[i]! * 3999)]!
    expect(Number(value) / exact).toBeGreaterThanOrEqual(1)
    expect(Number(value) / exact).toBeLessThan(1.001)
  })
  const bars = await tape.query(`from binned_histogram('_some_bins', 20)`)
  expect(bars.reduce((sum, { n }) => sum + Number(n), 0)).toBe(4000)
  const plain = await tape.query(`from histogram('_some', 20)`)
  for (const { bin, n } of plain) {
    const bar = bars.find(other => other['bin'] === bin)
    expect(Math.abs(Number(bar?.['n'] ?? 0) - Number(n))).toBeLessThanOrEqual(3)
  }
})
