import { writeFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { scratch } from '../support/cli.ts'
import { distance, erlang, exponential, gapsOf, limitOf } from '../support/distance.ts'
import { median, type Recorded, recorded } from '../support/load.ts'
import { rowsOf } from '../support/query.ts'

const path = scratch()

/** A trace of 60 requests, 50 ms apart, the first at 1 s. */
const TRACE = Array.from({ length: 60 }, (_, i) => ({
  timestamp: 1000 + 50 * i,
  input_length: 8,
  output_length: 3,
}))

let arrivals: Record<'poisson' | 'gamma' | 'series' | 'ramp' | 'part' | 'auto', Recorded>
beforeAll(async () => {
  const file = path('trace.jsonl')
  writeFileSync(file, TRACE.map(row => `${JSON.stringify(row)}\n`).join(''))
  const random = ['--request-rate', '25', '--request-count', '125', '--random-seed', '7']
  const steady = ['--arrival-pattern', 'constant', '--benchmark-duration', '3']
  const trace = ['--input-file', file, '--custom-dataset-type', 'mooncake_trace']
  arrivals = await recorded(path, {
    poisson: random,
    gamma: [...random, '--arrival-pattern', 'gamma', '--arrival-smoothness', '4'],
    series: [...steady, '--request-rate-series', '[[0, 20], [1.5, 80], [3, 20]]'],
    ramp: [...steady, '--request-rate', '60', '--request-rate-ramp-duration', '2'],
    part: [
      ...trace, '--fixed-schedule-start-offset', '1500', '--fixed-schedule-end-offset', '3000', '--speedup', '0.5',
    ],
    auto: [...trace, '--fixed-schedule-auto-offset', '--speedup', '2'],
  }) // biome-ignore format: one flag and its value beside each other
})

/** Due times, ns since the phase began, by a closed form of the test's own. */
const DUE: [load: keyof typeof arrivals, dueNs: (index: number) => number, requests: number][] = [
  // 20 t + 20 t² requests by t, and the same backwards from 1.5 s on: 75 in each half.
  ['series', i => 1e9 * (i <= 75 ? rising(i) : 3 - rising(150 - i)), 150],
  // 15 t² requests by t, then 60 a second.
  ['ramp', i => 1e9 * (i <= 60 ? Math.sqrt(i / 15) : 2 + (i - 60) / 60), 120],
  ['part', i => 100e6 * i, 31],
  ['auto', i => 25e6 * i, 60],
]
const rising = (i: number): number => (Math.sqrt(1 + i / 5) - 1) / 2

test.each(DUE)(
  '%s: the server gets each request when it is due, none before',
  async (load, dueNs, n) => {
    const { run, tape, requests, startNs } = arrivals[load]
    expect(run.code).toBe(0)
    const all = await rowsOf(
      `select at_ns::double as at_ns from '${tape}/events-*.parquet' where kind = 'scheduled' order by request_id`,
    )
    expect(all).toHaveLength(n)
    for (const [i, { at_ns }] of all.entries())
      expect(Number(at_ns) - startNs).toBeCloseTo(dueNs(i), -3)
    // A duration ends the sending: what is late then was due and is not sent, which the tape says.
    expect(requests.length).toBeGreaterThan(load === 'part' || load === 'auto' ? n - 1 : 0.9 * n)
    const lateNs = requests.map(({ scheduled, sent, truth }) => {
      expect(sent).toBeGreaterThanOrEqual(scheduled!)
      expect(truth.received_ns).toBeGreaterThanOrEqual(sent)
      return truth.received_ns - scheduled!
    })
    // A tolerance for a busy machine; test/bench/send-time.ts has the real figures.
    expect(median(lateNs)).toBeLessThan(20e6)
  },
)

test('the total of a fixed schedule is what it sends', () => {
  expect(arrivals.part.run.err).toContain('31/31 requests')
  expect(arrivals.part.run.err).toContain('schedule: 31 sessions begin over 3.000 s')
  expect(arrivals.auto.run.err).toContain('60/60 requests')
})

test.each([
  ['poisson', exponential, erlang(4)],
  ['gamma', erlang(4), exponential],
] as const)(
  '%s: the gaps between requests are of that distribution, and of no other',
  (load, own, other) => {
    const { run, requests, startNs } = arrivals[load]
    expect(run.code).toBe(0)
    expect(requests).toHaveLength(125)
    for (const { scheduled, sent, truth } of requests) {
      expect(sent).toBeGreaterThanOrEqual(scheduled!)
      expect(truth.received_ns).toBeGreaterThanOrEqual(sent)
    }
    const inMeans = (ns: number[]): number[] =>
      gapsOf([startNs, ...ns.sort((a, b) => a - b)]).map(gap => gap / 40e6)
    const due = inMeans(requests.map(({ scheduled }) => scheduled!))
    expect(distance(due, own)).toBeLessThan(limitOf(125))
    expect(distance(due, other)).toBeGreaterThan(limitOf(125))
    // A busy machine blurs what arrives, but not so much that it is nearer to the other one.
    const arrived = inMeans(requests.map(({ truth }) => truth.received_ns))
    expect(distance(arrived, own)).toBeLessThan(distance(arrived, other))
  },
)
