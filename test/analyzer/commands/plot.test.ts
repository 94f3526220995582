import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { scratch, tokentape } from '../../support/cli.ts'
import { writeTape } from '../../support/tape.ts'

const path = scratch()
const tape = await writeTape(
  Array.from({ length: 5 }, (_, i) => ({ sent: 10 * i, tokens: [10 * i + 5, 10 * i + 8] })),
)
const other = await writeTape([{ sent: 0, tokens: [5, 9] }], { manifest: { run_id: 'b' } })

test('lists the figures', async () => {
  const { out } = await tokentape('plot', 'list')
  expect(out).toContain('arrival-roll')
  expect(out.trim().split('\n')).toHaveLength(11)
})

test('draws a figure of one run or several to standard output, as SVG', async () => {
  const { code, out } = await tokentape('plot', 'over-time', tape, '--metric', 'request_latency')
  expect(code).toBe(0)
  expect(out).toMatch(/^<svg width="900"/)
  expect(out).toContain('Request Latency over time, n = 5 requests')
  const both = await tokentape('plot', 'pareto', tape, other, '--gpus', '8', '--width', '600')
  expect(both.out).toContain('n = 2 runs')
})

test('draws the same each time', async () => {
  const drawn = async (): Promise<string> => (await tokentape('plot', 'ecdf', tape)).out
  expect(await drawn()).toBe(await drawn())
})

test('draws a PNG into a file', async () => {
  const file = path('a.png')
  const { code } = await tokentape('plot', 'histogram', tape, '--format', 'png', '-o', file)
  expect(code).toBe(0)
  expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG')
})

test('--auto-plot writes every figure beside the tape', async () => {
  expect((await tokentape('report', tape, '--auto-plot')).code).toBe(0)
  const folder = tape.replace('.tape', '-plots')
  const files = readdirSync(folder)
  expect(files).toContain('arrival-roll.svg')
  expect(files).toContain('histogram-inter_token_latency.svg')
  expect(files).not.toContain('pareto.svg')
  for (const file of files) expect(readFileSync(`${folder}/${file}`, 'utf8'), file).toMatch(/^<svg/)
})

describe('refuses', () => {
  test.each([
    [['plot', 'histogramm', tape], 'plot: no figure "histogramm"', 'did you mean histogram?'],
    [['plot', 'ecdf'], 'plot: no tape', 'tokentape plot ecdf a.tape'],
    [['plot', 'ecdf', tape, '--format', 'png'], 'a PNG is not text', '-o ecdf.png'],
    [
      ['plot', 'ecdf', tape, '--metric', 'ttfft'],
      '--metric: no metric "ttfft"',
      'did you mean ttft?',
    ],
    [['plot', 'ecdf', tape, '--metric', 'request_count'], 'is one value a run', 'requests have'],
    [
      ['plot', 'ecdf', tape, '--metric', 'tokens_in_flight'],
      'is weighted by time',
      'tokentape slices --metric tokens_in_flight',
    ],
    [
      ['plot', 'over-time', tape, '--metric', 'inter_chunk_latency'],
      'many values a request',
      'max_gap',
    ],
    [['plot', 'ecdf', tape, '--width', '10'], '--width: "10"', '--width 900'],
    [
      ['plot', 'ecdf', tape, '-o', path('none/a.svg')],
      'none/a.svg: ENOENT',
      'a folder that is there',
    ],
  ])('%j', async (words, message, hint) => {
    const { code, err } = await tokentape(...words)
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect(err).toContain(hint)
    expect(existsSync(path('none/a.svg'))).toBe(false)
  })
})
