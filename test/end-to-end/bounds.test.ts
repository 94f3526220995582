import { beforeAll, expect, test } from 'vitest'
import { scratch } from '../support/cli.ts'
import { prefillsOf, type Recorded, recorded, spansOf } from '../support/load.ts'
import { mostAtOnce } from '../support/truth.ts'

const path = scratch()
const RAMP_NS = 1e9

type Load =
  | 'closed'
  | 'bounded'
  | 'ramp'
  | 'prefillRamp'
  | 'warm'
  | 'warmSessions'
  | 'byTime'
  | 'byCount'
let loads: Record<Load, Recorded>
beforeAll(async () => {
  const constant = ['--arrival-pattern', 'constant']
  const first = await recorded(path, {
    closed: ['--concurrency', '8', '--request-count', '120', '--osl', '20'],
    bounded: [...constant, '--request-rate', '200', '--request-count', '80', '--concurrency', '3', '--osl', '20'],
    ramp: ['--concurrency', '11', '--concurrency-ramp-duration', '1', '--benchmark-duration', '1.5', '--osl', '10'],
    prefillRamp: [
      '--concurrency', '11', '--prefill-concurrency', '11', '--prefill-concurrency-ramp-duration', '1',
      '--benchmark-duration', '1.5',
    ],
  }) // biome-ignore format: one flag and its value beside each other
  const second = await recorded(path, {
    warm: [
      '--concurrency', '4', '--request-count', '20', '--warmup-duration', '0.6', '--warmup-request-rate', '50',
      '--warmup-arrival-pattern', 'constant', '--warmup-grace-period', '5',
    ],
    warmSessions: [
      '--concurrency', '4', '--prefill-concurrency', '4', '--request-count', '20', '--num-warmup-sessions', '6',
      '--warmup-concurrency', '3', '--warmup-prefill-concurrency', '1',
    ],
    byTime: [...constant, '--request-rate', '100', '--request-count', '1000', '--benchmark-duration', '0.5'],
    byCount: [...constant, '--request-rate', '100', '--request-count', '20', '--benchmark-duration', '60'],
  }) // biome-ignore format: one flag and its value beside each other
  loads = { ...first, ...second }
})

test('a closed loop has its concurrency in flight, and never more', () => {
  const { run, requests } = loads.closed
  expect(run.code).toBe(0)
  expect(requests).toHaveLength(120)
  expect(mostAtOnce(spansOf(requests))).toBe(8)
})

test('a bound on an open loop is kept, and the wait for it is between dequeued and sent', () => {
  const { requests } = loads.bounded
  expect(requests).toHaveLength(80)
  expect(mostAtOnce(spansOf(requests))).toBe(3)
  // An answer takes 48 ms at least and three are let in: 62 a second of 200 that are due.
  const last = [...requests].sort((a, b) => a.id - b.id).at(-1)!
  expect(last.sent - last.dequeued!).toBeGreaterThan(500e6)
  expect(last.sent - last.dequeued!).toBeGreaterThan(10 * (last.dequeued! - last.scheduled!))
})

/** Of a ramp from 1 to 11 in a second: at no arrival were more open than it had let in by then. */
test.each([
  ['ramp', spansOf],
  ['prefillRamp', prefillsOf],
] as const)('%s: a bound that grows holds at every instant', (load, spansFrom) => {
  const { requests, startNs } = loads[load]
  const spans = spansFrom(requests.filter(({ truth }) => truth.outcome === 'ok'))
  for (const [from] of spans) {
    const open = spans.filter(([begun, ended]) => begun <= from && ended > from).length
    expect(open).toBeLessThanOrEqual(1 + Math.floor((10 * (from - startNs)) / RAMP_NS))
  }
  expect(mostAtOnce(spans)).toBeGreaterThan(5)
})

test('a warm-up has a load of its own, and the load that counts begins when it is over', () => {
  const { requests, manifest } = loads.warm
  const [warmup, profiling] = manifest.phases
  const first = requests.filter(({ id }) => id >= 2 ** 31)
  // 30 are due in 0.6 s; a busy machine may be late for the last.
  expect(first.length).toBeGreaterThan(25)
  for (const { id, scheduled } of first)
    expect(scheduled! - warmup.started_ns).toBeCloseTo((id - 2 ** 31) * 20e6, -1)
  const rest = requests.filter(({ id }) => id < 2 ** 31)
  expect(rest).toHaveLength(20)
  expect(Math.min(...rest.map(({ truth }) => truth.received_ns))).toBeGreaterThan(
    Math.max(...first.map(({ truth }) => truth.done_ns)),
  )
  expect(profiling.started_ns).toBeGreaterThanOrEqual(warmup.ended_ns)
})

test('a warm-up by sessions keeps its own bounds', () => {
  const { requests, run } = loads.warmSessions
  const first = requests.filter(({ id }) => id >= 2 ** 31)
  expect(first).toHaveLength(6)
  expect(mostAtOnce(spansOf(first))).toBeLessThanOrEqual(3)
  expect(mostAtOnce(prefillsOf(first))).toBe(1)
  expect(run.err).toContain('26/26 requests')
})

test('of a count and a duration the first ends the load', () => {
  const { requests, startNs } = loads.byTime
  expect(requests.length).toBeGreaterThan(30)
  expect(requests.length).toBeLessThanOrEqual(50)
  for (const { scheduled } of requests) expect(scheduled! - startNs).toBeLessThan(0.5e9)
  expect(loads.byCount.requests).toHaveLength(20)
  const { ended_ns, started_ns } = loads.byCount.manifest.phases[0]
  expect(ended_ns - started_ns).toBeLessThan(30e9)
})
