import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
// DuckDB takes the first for patterns, and a folder `model=x` for a column.
const folder = path('model=x[1]')
const odd = join(folder, 'a*b?[cd].tape')
const other = join(folder, 'aXbYc.tape')

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  const server = await simulator('--ttft-ms', '2', '--itl-ms', '1')
  for (const tape of [odd, other])
    // biome-ignore format: one flag and its value beside each other
    expect(await tokentape(
      'record', '--model', 'm', '--url', server.url, '--streaming', '--concurrency', '2',
      '--request-count', tape === odd ? '10' : '30', '--isl', '5', '--osl', '5', '-o', tape, '--report',
    )).toMatchObject({ code: 0 })
  await server.stop()
})

test.each([
  ['report', odd],
  ['report', odd, '--format', 'html', '-o', join(folder, '[o].html')],
  ['report', odd, '--compare-definitions'],
  ['describe', odd],
  ['slices', odd, '--width', '1s'],
  ['goodput', odd, '--slo', 'ttft_ms < 100'],
  ['percentiles', odd],
  ['requests', odd],
  ['pareto', odd],
  ['trace', 'from-tape', odd],
  ['plot', 'ecdf', odd, '-o', join(folder, '[o].svg')],
  ['export', odd, '--format', 'csv', '-o', join(folder, '[o]*.csv')],
  ['sql', odd, '--database', join(folder, '[o].duckdb')],
  ['sql', odd, 'from checks', '--format', 'json'],
  ['seal', odd],
])('%s %s', async (...words) => {
  expect(await tokentape(...words)).toMatchObject({ code: 0 })
})

test('it is that tape and no other, and a pattern is one where nothing has its name', async () => {
  const count = async (tape: string): Promise<string> =>
    (await tokentape('sql', tape, 'select count(*) as n from requests', '--format', 'csv')).out
  expect(await count(odd)).toBe('n\n10\n')
  expect(await count(join(folder, 'a?b*.tape'))).toBe('n\n40\n')
  expect(await count(join(folder, 'aX*'))).toBe('n\n30\n')
  const setup = (await tokentape('sql', odd, '--print-setup')).out
  expect(setup).toContain('a[*]b[?][[]cd].tape/events-0.parquet')
  // 5: a machine that is busy makes a run that is not to be judged.
  expect((await tokentape('check', odd, '--that', 'ttft.p50 < 60s')).code).toBeOneOf([0, 5])
})

test('a NUL in a query file, in a path of a --config file', async () => {
  writeFileSync(path('query.sql'), 'select 1\0')
  expect(await tokentape('sql', odd, '--file', path('query.sql'))).toEqual({
    code: 2,
    out: '',
    err: 'error: sql: the query has a NUL byte, its character 9\n  hint: write the query as UTF-8 text; a file of UTF-16 has NULs: iconv -f utf-16 -t utf-8\n',
  })
  writeFileSync(path('c.yaml'), 'model: m\nurl: http://127.0.0.1:9\noutput: "a\\0b.tape"\n')
  const run = await tokentape('record', '--config', path('c.yaml'))
  expect(run.code).toBeOneOf([2, 3])
  expect(run.err).toContain('\n  hint: ')
})
