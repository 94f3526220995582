import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { attachCalibration } from '../../recorder/attach-calibration.ts'
import { CALIBRATION, type Calibration, readCalibration } from '../../schemas/calibration.ts'
import { fileDigest } from '../../schemas/digests.ts'
import { readManifest } from '../../schemas/tape.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
const server = await simulator('--ttft-ms', '20', '--itl-ms', '5')

const record = (tape: string, ...flags: string[]) =>
  tokentape(
    'record', '--model', 'm', '--url', server.url, '--streaming', '--isl', '10', '--osl', '20',
    '--concurrency', '2', '--request-count', '8', '-o', path(tape), ...flags,
  ) // biome-ignore format: one flag and its value beside each other

/** Gives a tape a calibration with known errors at a known load. */
async function calibrate(
  tape: string,
  from: Calibration,
  of: { streams: number; ttftMs: number; gapMs: number },
) {
  const level = {
    ...from.levels[0]!,
    streams: of.streams,
    events_per_second: 100_000,
    ttft_error_ns: { p50: 0, p99: of.ttftMs * 1e6, max: 0 },
    gap_error_ns: { p50: 0, p99: of.gapMs * 1e6, max: 0 },
  }
  await attachCalibration(path(tape), { ...from, levels: [level] })
}

test('record --calibrate keeps the error in the tape, and the report prints it with each latency', async () => {
  const { code, err } = await record('a.tape', '--calibrate')
  expect(err).toContain('calibrating 3/3')
  expect(code).toBe(0)
  const made = readCalibration(join(path('a.tape'), CALIBRATION))
  expect(made.levels.map(({ streams }) => streams)).toEqual([10, 100, 1000])
  expect(readManifest(path('a.tape')).digests?.[CALIBRATION]).toEqual(
    await fileDigest(join(path('a.tape'), CALIBRATION)),
  )

  await calibrate('a.tape', made, { streams: 10, ttftMs: 3, gapMs: 50 })
  const { out } = await tokentape('report', path('a.tape'))
  const lines = out.split('\n')
  expect(lines.find(line => line.startsWith('metric'))).toMatch(/ error$/)
  expect(lines.find(line => line.startsWith('Time to First Token'))).toMatch(/ ±3\.00$/)
  expect(lines.find(line => line.startsWith('Inter Token Latency'))).toMatch(/ ±50\.00$/)
  expect(lines.find(line => line.startsWith('Request Throughput'))).not.toContain('±')
  expect(out).toMatch(
    /smaller than the error at the median, so not to be read: .*Inter Token Latency/,
  )
  expect(out).not.toMatch(/not to be read: .*Time to First Token \(ms\)/)
  const json = JSON.parse((await tokentape('report', path('a.tape'), '--format', 'json')).out)
  expect(json.time_to_first_token.instrument_error_p99).toBe(3)
  expect(json.request_throughput.instrument_error_p99).toBeUndefined()

  await record('b.tape')
  expect(existsSync(join(path('b.tape'), CALIBRATION))).toBe(false)
  await calibrate('b.tape', made, { streams: 10, ttftMs: 1000, gapMs: 1000 })
  const both = await tokentape('report', path('a.tape'), path('b.tape'))
  expect(both.out).toMatch(
    /the difference of Time to First Token \(ms\) at .*p50 is smaller than the instrument's error of 1,000\.00/,
  )
}, 120_000)

test('a load that is heavier than all that was calibrated has no error to print', async () => {
  const made = JSON.parse(readFileSync(join(path('a.tape'), CALIBRATION), 'utf8')) as Calibration
  await calibrate('a.tape', made, { streams: 1, ttftMs: 3, gapMs: 3 })
  const { out } = await tokentape('report', path('a.tape'))
  expect(out).toContain('heavier than all that was calibrated')
  expect(out).not.toContain('±')
})
