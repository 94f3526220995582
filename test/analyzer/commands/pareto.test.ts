import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { tapesIn } from '../../../analyzer/sweep-folder.ts'
import { analyze } from '../../support/analyze.ts'
import { type RequestLiteral, writeTape } from '../../support/tape.ts'

/**
 * A run at a concurrency, one generation of it: n requests at once, 11 tokens each (" word" by the builtin tokenizer),
 * the first after 100 ms, then one each gapMs. Tokens/s/user is 1000 / gapMs; the duration is 100 + 10 gapMs ms, so
 * tokens/s is 11 n / duration.
 */
const run = (id: string, concurrency: number, n: number, gapMs: number, seed = 0) =>
  writeTape(
    Array.from(
      { length: n },
      (): RequestLiteral => ({
        sent: 0,
        tokens: Array.from({ length: 11 }, (_, i) => 100 + i * gapMs),
      }),
    ),
    {
      manifest: {
        run_id: id,
        tokenizer: { id: 'builtin', digest: '' },
        plan: { model: 'm', concurrency, seed },
      },
    },
  )

const SWEEP = [
  // tokens/s/user 100, tokens/s 11 * 4 / 0.2 s = 220
  await run('c4', 4, 4, 10),
  // 80, 11 * 15 / 0.225 = 733.33
  await run('c15', 15, 15, 12.5),
  // 50, 11 * 24 / 0.3 = 880: the mean of 880 and of 11 * 12 / 0.3 = 440 is 660
  await run('c24', 24, 24, 20),
  // 25, 11 * 40 / 0.5 = 880
  await run('c40', 40, 40, 40),
]

test('the frontier, the knee and what dominates, by hand', async () => {
  const { code, out, err } = await analyze('pareto', ...SWEEP, '--gpus', '8', '--format', 'json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const { points } = JSON.parse(out)
  const seen = points.map((point: Record<string, unknown>) => [
    point['setting'],
    Number(point['tokens_per_second']).toFixed(2),
    Number(point['tokens_per_second_per_gpu']).toFixed(2),
    Number(point['tokens_per_user']).toFixed(2),
    point['on_frontier'],
    point['knee'],
    point['dominated_by'],
  ])
  expect(seen).toEqual([
    ['concurrency 4', '220.00', '27.50', '100.00', true, false, null],
    // Scaled over 50..100 and 27.5..110: (0.6, 0.778), 0.378 above the chord.
    ['concurrency 15', '733.33', '91.67', '80.00', true, true, null],
    ['concurrency 24', '880.00', '110.00', '50.00', true, false, null],
    // As many tokens for the system, fewer for the user.
    ['concurrency 40', '880.00', '110.00', '25.00', false, false, 'concurrency 24'],
  ])
})

test('repeats of a setting are one point, the mean of its runs', async () => {
  const again = await run('c24-again', 24, 12, 20, 7)
  const { out } = await analyze('pareto', ...SWEEP, again, '--format', 'json')
  expect(JSON.parse(out).points[2]).toMatchObject({
    setting: 'concurrency 24',
    n_runs: 2,
    run_ids: ['c24', 'c24-again'],
    tokens_per_second: 660,
    tokens_per_second_min: 440,
    tokens_per_second_max: 880,
  })
})

test('goodput of each setting, under an SLO', async () => {
  const { out } = await analyze('pareto', ...SWEEP, '--slo', 'itl:20', '--format', 'csv')
  const [head, ...lines] = out.trim().split('\n')
  expect(head).toBe(
    'setting,n_runs,tokens_per_second,tokens_per_second_min,tokens_per_second_max,tokens_per_second_per_gpu,tokens_per_user,request_throughput,concurrency,ttft_p50_ms,ttft_p99_ms,n_ttft,on_frontier,knee,dominated_by,n_runs_not_valid,goodput slo,share_of_sent slo',
  )
  // 4 requests in 200 ms, and none of 40.
  expect(lines.map(line => line.split(',').slice(-2).map(Number))).toEqual([
    [20, 1],
    [15 / 0.225, 1],
    [80, 1],
    [0, 0],
  ])
})

test.each([
  ['text', 'txt'],
  ['markdown', 'md'],
])('as %s', async (format, extension) => {
  const { out } = await analyze(
    ...['pareto', ...SWEEP, '--gpus', '8', '--slo', 'itl:20', '--format', format],
  )
  await expect(out).toMatchFileSnapshot(`../../golden/pareto.${extension}`)
})

test('a folder stands for the tapes in it, in the order of their numbers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sweep-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  for (const [i, name] of ['c4', 'c15', 'c24', 'c40'].entries())
    cpSync(SWEEP[i]!, join(folder, `${name}.tape`), { recursive: true })
  expect(tapesIn([folder])).toEqual(['c4', 'c15', 'c24', 'c40'].map(c => join(folder, `${c}.tape`)))
  const { out } = await analyze('pareto', folder)
  expect(out).toMatch(/concurrency 15 .* frontier, knee\n/)
  mkdirSync(join(folder, 'empty'))
  const { code, err } = await analyze('pareto', join(folder, 'empty'))
  expect(code).toBe(2)
  expect(err).toContain('is no tape, and there is none in it')
})

test('two points are no knee; a run without a rate per user is not compared', async () => {
  const whole = await writeTape([{ sent: 0, tokens: [100] }], {
    manifest: {
      run_id: 'one-token',
      tokenizer: { id: 'builtin', digest: '' },
      plan: { model: 'm', concurrency: 1 },
    },
  })
  const { out } = await analyze('pareto', SWEEP[0]!, SWEEP[1]!, whole)
  expect(out).toContain('no knee: it needs a frontier of three points')
  expect(out).toContain('concurrency 1: not compared: it has no tokens/s, or none per user')
  const { code, err } = await analyze('pareto', whole)
  expect(code).toBe(2)
  expect(err).toContain('pareto: no run has both')
})

test.each([
  [['--gpus', '0'], '--gpus: "0" is not a number above 0'],
  [['--slo', 'tfft:3'], 'no metric "tfft"'],
])('%j is refused', async (flags, message) => {
  const { code, err } = await analyze('pareto', SWEEP[0]!, ...flags)
  expect(code).toBe(2)
  expect(err).toContain(message)
})
