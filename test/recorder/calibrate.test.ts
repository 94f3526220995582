import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Calibration, levelFor, readCalibration } from '../../schemas/calibration.ts'
import { scratch, tokentape } from '../support/cli.ts'

const path = scratch()

test('a ladder of one rung gives a table and a file; nothing arrives before it was written', async () => {
  const { code, out, err } = await tokentape(
    'calibrate', '--ladder', '2x50', '--seconds', '1', '--quick', '--output', path('c.json'),
  ) // biome-ignore format: one flag and its value beside each other
  expect(err).toContain('1/1: 2 streams × 50 tokens/s')
  expect(code).toBe(0)
  const lines = out.split('\n')
  expect(lines[0]).toContain('arrival delay ms')
  expect(lines[2]).toMatch(/^ +2 × 50 /)
  expect(out).toContain('p99 error below 10 ms: ')

  const { levels, holds } = readCalibration(path('c.json'))
  const [level] = levels
  expect(levels).toHaveLength(1)
  expect(holds.map(({ below_ms }) => below_ms)).toEqual([1, 5, 10])
  expect(level).toMatchObject({ streams: 2, tokens_per_second: 50, lanes: 1, lost: 0 })
  expect(level!.events).toBeGreaterThan(50)
  expect(level!.arrival_delay_ns.p50).toBeGreaterThan(0)
  expect(level!.arrival_delay_ns.max).toBeGreaterThanOrEqual(level!.arrival_delay_ns.p99)
  expect(level!.send_delay_ns.p50).toBeGreaterThan(0)
  expect(level!.ttft_error_ns.p50).toBeGreaterThan(0)
  expect(level!.cpu_ns_per_event).toBeGreaterThan(0)
})

test('--format json prints what the file holds and nothing else', async () => {
  const { code, out } = await tokentape(
    'calibrate', '--ladder', '1x50', '--seconds', '1', '--quick', '--format', 'json',
    '--output', path('d.json'),
  ) // biome-ignore format: one flag and its value beside each other
  expect(code).toBe(0)
  expect(out).toBe(readFileSync(path('d.json'), 'utf8'))
})

test.each([
  [['--ladder', '10by5'], 'error: --ladder: "10by5" is not streams x tokens per second'],
  [['--lanes', '0'], 'error: --lanes: "0" is not a whole number of at least 1'],
  [['--seconds', '-1'], 'error: --seconds: "-1" is not a number of at least 0'],
])('%j is refused', async (flags, message) => {
  const { code, err } = await tokentape('calibrate', ...flags)
  expect(err).toContain(message)
  expect(code).toBe(2)
})

test('a load is judged by the lightest measured level that is at least as heavy', () => {
  const level = (streams: number, events_per_second: number) => ({ streams, events_per_second })
  const calibration = {
    levels: [level(10, 1000), level(1000, 10_000), level(100, 10_000), level(1000, 50_000)],
  } as unknown as Calibration
  const found = (streams: number, eventsPerSecond: number) =>
    levelFor(calibration, { streams, eventsPerSecond })
  expect(found(5, 900)).toEqual(level(10, 1000))
  expect(found(50, 900)).toEqual(level(100, 10_000))
  expect(found(500, 9000)).toEqual(level(1000, 10_000))
  expect(found(500, 60_000)).toBeUndefined()
})

test('a file that is no calibration is named', () => {
  expect(() => readCalibration(path('nothing.json'))).toThrow('nothing.json: ')
})
