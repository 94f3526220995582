import { expect, test } from 'vitest'
import { trendsOf } from '../../analyzer/trends.ts'
import { analyze } from '../support/analyze.ts'
import { random } from '../support/random.ts'
import { openLiteral, type RequestLiteral, writeTape } from '../support/tape.ts'

const builtin = { manifest: { tokenizer: { id: 'builtin', digest: '' } } }

/** An open loop of ten requests a second, each of five tokens in about 500 ms. */
function load(n: number, seed: number, ttftMs: (i: number) => number): RequestLiteral[] {
  const next = random(seed)
  return Array.from({ length: n }, (_, i) => {
    const sent = 100 * i
    const first = sent + ttftMs(i) * (0.9 + 0.2 * next())
    const gap = 90 + 20 * next()
    return { sent, tokens: [0, 1, 2, 3, 4].map(k => first + k * gap) }
  })
}

const COLD = load(400, 1, i => (i < 60 ? 141 : 100))

test('a cold start is named with its effect, and the steady window follows it', async () => {
  const [trend] = await trendsOf(await openLiteral(COLD))
  expect(trend!.left).toEqual([])
  const [cold] = trend!.findings.filter(({ name }) => name === 'time_to_first_token')
  expect(cold).toMatchObject({ kind: 'cold start', unit: 'ms', worse: true, fromNs: 0 })
  expect(cold!.effect).toBeCloseTo(0.41, 1)
  expect(cold!.toNs / 1e9).toBeCloseTo(6, 0)
  expect(trend!.steady).toMatchObject({ toNs: 39.9e9 + 1 })
  expect((trend!.steady as { fromNs: number }).fromNs).toBeGreaterThanOrEqual(5.5e9)
})

test('slices say so, and --steady shows those after it', async () => {
  const tape = await writeTape(COLD, builtin)
  const text = await analyze('slices', tape, '--width', '5s')
  expect(text.err).toBe('')
  expect(text.out).toMatch(/cold start +time_to_first_token +\+4\d % +0\.000 s/)
  expect(text.out).toMatch(/steady window: [67]\.\d+ s to 39\.900 s/)
  const json = await analyze('slices', tape, '--width', '5s', '--steady', '--format', 'json')
  expect(json.err).toMatch(/^note: steady window of a: /)
  const { timeslices, windows, trends } = JSON.parse(json.out)
  expect(timeslices.map((slice: Row) => slice['timeslice_index'])).toEqual([2, 3, 4, 5, 6])
  // Whole as they are in the run: what was sent before the window is still under way in it.
  expect(Math.abs(timeslices[0].total_osl.avg - 250)).toBeLessThan(10)
  expect(windows).toMatchObject([{ run_id: 'a', n_requests_of_run: 400 }])
  expect(trends[0].findings[0]).toMatchObject({ kind: 'cold start', worse: true })
})

type Row = Record<string, unknown>

test('a run that is noise has no findings, and all of it is steady', async () => {
  let alarms = 0
  for (let seed = 1; seed <= 10; seed++) {
    const tapes = await openLiteral(load(250, 100 + seed, () => 100))
    const [trend] = await trendsOf(tapes)
    if (trend!.findings.length > 0) alarms++
    tapes.close()
  }
  expect(alarms).toBeLessThanOrEqual(1)
})

test('a run that is too short says so', async () => {
  const [trend] = await trendsOf(await openLiteral(load(20, 1, () => 100)))
  expect(trend!.findings).toEqual([])
  expect(trend!.left.map(({ name }) => name)).toContain('time_to_first_token')
  expect(trend!.left[0]!.why).toBe('4 batches of 5 requests, and 6 are needed')
  expect(trend!.steady).toMatchObject({ why: expect.stringContaining('too short') })
})

test('batches are of equal size, in the order of sending', async () => {
  const tape = await openLiteral(
    Array.from({ length: 12 }, (_, i) => ({ sent: i, tokens: [i + 10 + i] })),
  )
  // 12 in batches of 5: the last two go to the second. TTFT of request i is 10 + i ms.
  expect(
    await tape.query(
      `select batch, n, from_ns / 1e6 as from_ms, to_ns / 1e6 as to_ms, value / 1e6 as ms
       from batches('time_to_first_token', 100, 1)`,
    ),
  ).toEqual([
    { batch: 0, n: 5, from_ms: 0, to_ms: 4, ms: 12 },
    { batch: 1, n: 7, from_ms: 5, to_ms: 11, ms: 18 },
  ])
})
