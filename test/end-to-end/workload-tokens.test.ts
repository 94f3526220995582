import { beforeAll, expect, test } from 'vitest'
import { scratch } from '../support/cli.ts'
import { type Recorded, recorded } from '../support/load.ts'

const path = scratch()
const MANY = ['--concurrency', '10', '--request-count', '40', '--random-seed', '5']

let loads: Record<'spread' | 'range' | 'pairs' | 'prefixes' | 'system' | 'context', Recorded>
beforeAll(async () => {
  loads = await recorded(path, {
    spread: ['--isl', '50', '--isl-stddev', '15', '--osl', '10', '--osl-stddev', '3', ...MANY],
    range: ['--isl', '40', '--osl', '10', '--random-range-ratio', '0.5', ...MANY],
    pairs: ['--seq-dist', '20,5:50;60,9:50', ...MANY],
    prefixes: [
      '--isl', '30', '--osl', '4', '--prompt-prefix-pool-size', '2', '--prompt-prefix-length', '12', ...MANY,
    ],
    system: ['--isl', '10', '--osl', '4', '--shared-system-prompt-length', '16', ...MANY],
    context: ['--isl', '10', '--osl', '4', '--user-context-prompt-length', '24', ...MANY],
  }) // biome-ignore format: one flag and its value beside each other
})

const inputs = ({ requests }: Recorded): number[] =>
  requests.map(({ truth }) => truth.prompt_tokens).sort((a, b) => a - b)
const outputs = ({ requests }: Recorded): number[] =>
  requests.map(({ truth }) => truth.token_ns.length).sort((a, b) => a - b)

test('the server counts as many prompt tokens as the tape has, and answers with as many as were asked for', () => {
  for (const [name, { run, requests }] of Object.entries(loads)) {
    expect(run.code, name).toBe(0)
    expect(requests, name).toHaveLength(40)
    for (const { truth, input_tokens, requested_output_tokens } of requests) {
      expect(truth.prompt_tokens, name).toBe(input_tokens)
      expect(truth.token_ns.length, name).toBe(requested_output_tokens)
    }
  }
})

test('lengths are spread as asked for', () => {
  const { spread, range, pairs } = loads
  for (const [values, mean, deviation] of [
    [inputs(spread), 50, 15],
    [outputs(spread), 10, 3],
  ] as const) {
    const found = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - found) ** 2, 0) / values.length
    // The seed is fixed, so this cannot change by chance; the mean of 40 has a standard error of a sixth.
    expect(Math.abs(found - mean)).toBeLessThan(deviation / 2)
    expect(Math.sqrt(variance)).toBeGreaterThan(deviation / 2)
    expect(Math.sqrt(variance)).toBeLessThan(deviation * 1.5)
  }
  expect(inputs(range)[0]).toBeGreaterThanOrEqual(20)
  expect(inputs(range).at(-1)).toBeLessThanOrEqual(60)
  expect(new Set(inputs(range)).size).toBeGreaterThan(10)
  const found = pairs.requests.map(({ truth }) => `${truth.prompt_tokens},${truth.token_ns.length}`)
  expect([...new Set(found)].sort()).toEqual(['20,5', '60,9'])
})

test('prefixes, system prompts and contexts of users are counted', () => {
  expect(new Set(inputs(loads.prefixes))).toEqual(new Set([42]))
  expect(new Set(inputs(loads.system))).toEqual(new Set([26]))
  expect(new Set(inputs(loads.context))).toEqual(new Set([34]))
})
