import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, test } from 'vitest'
import { analyze } from '../../support/analyze.ts'
import { scratch } from '../../support/cli.ts'
import { writeTape } from '../../support/tape.ts'

const builtin = { manifest: { tokenizer: { id: 'builtin', digest: '' } } }
const tape = await writeTape([{ sent: 0, tokens: [50, 60] }, { outcome: 'timeout' }], builtin)
const path = scratch()
const COUNT = 'select outcome, count(*) as n from requests group by all order by all;'

test.each([
  ['text', 'outcome  n\nok       1\ntimeout  1\n'],
  ['csv', 'outcome,n\nok,1\ntimeout,1\n'],
  ['markdown', '| outcome | n |\n| --- | ---: |\n| ok | 1 |\n| timeout | 1 |\n'],
])('as %s', async (format, out) => {
  expect(await analyze('sql', tape, COUNT, '--format', format)).toEqual({ code: 0, out, err: '' })
})

test('as JSON; columns without a row are still named', async () => {
  const { out } = await analyze(
    'sql',
    tape,
    'select ttft_ms from request_metrics where ttft_ms > 0',
    '--format',
    'json',
  )
  expect(JSON.parse(out)).toEqual([{ ttft_ms: 50 }])
  expect((await analyze('sql', tape, 'select 1 as a where false', '--format', 'csv')).out).toBe(
    'a\n',
  )
})

test('from a file; to Parquet', async () => {
  writeFileSync(path('query.sql'), `-- how they ended\n${COUNT}\n`)
  expect((await analyze('sql', tape, '--file', path('query.sql'), '--format', 'csv')).out).toBe(
    'outcome,n\nok,1\ntimeout,1\n',
  )
  const output = path('rows.parquet')
  expect(
    await analyze('sql', tape, 'from requests', '--format', 'parquet', '--output', output),
  ).toEqual({ code: 0, out: '', err: '' })
  expect(existsSync(output)).toBe(true)
})

describe('locked', () => {
  test.each([
    ["copy (select 1) to '/tmp/tokentape-stolen.csv'", 'only queries that read are run'],
    ['create table t as select 1', 'only queries that read are run'],
    ["set memory_limit = '1GB'", 'only queries that read are run'],
    ['install httpfs', 'only queries that read are run'],
    ["attach '/tmp/x.db'", 'only queries that read are run'],
    ['drop view requests', 'only queries that read are run'],
    ['select 1; drop view requests', 'only queries that read are run'],
    ['select 1; select 2', '2 statements'],
    ["from read_text('/etc/passwd')", 'Permission Error'],
    ["from read_csv('/etc/passwd')", 'Permission Error'],
    ["from glob('/etc/*')", 'Permission Error'],
    ["from read_parquet('/etc/*.parquet')", 'Permission Error'],
    ['select ttt from requests', 'Referenced column "ttt" not found'],
    ['select * frm requests', 'syntax error'],
    ['  ', 'no query'],
  ])('%s', async (query, message) => {
    const { code, out, err } = await analyze('sql', tape, query)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
  })

  test('the tape is as it was after a query that would overwrite it', async () => {
    const file = join(tape, 'events-0.parquet')
    const before = readFileSync(file)
    await analyze('sql', tape, `copy (select 1) to '${file}' (format parquet, use_tmp_file false)`)
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('a query that runs away is stopped', async () => {
    const { code, err } = await analyze(
      ...[
        'sql',
        tape,
        'select count(*) from range(1000000000) a, range(100000) b',
        '--timeout',
        '200ms',
      ],
    )
    expect(code).toBe(2)
    expect(err).toContain('stopped after 200 ms')
  })

  test.each([
    [['--memory-limit', 'much'], '"much" is not a size'],
    [['--timeout', '5'], 'is not a duration'],
    [['--format', 'parquet'], 'go together'],
    [['--file', '/no/such.sql'], 'no such file'],
  ])('%j', async (flags, message) => {
    const { code, err } = await analyze('sql', tape, 'select 1', ...flags)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })
})

test('an unsealed tape can be asked, but not set up elsewhere', async () => {
  const live = await writeTape([{ tokens: [1] }], { ...builtin, state: 'live' })
  expect(
    (await analyze('sql', live, 'select count(*) as n from messages', '--format', 'csv')).out,
  ).toMatch(/^n\n\d+\n$/)
  expect((await analyze('sql', live, '--print-setup')).err).toContain('is not sealed')
})

test('--print-setup gives any DuckDB the same relations', async () => {
  const { out } = await analyze('sql', tape, '--print-setup')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(out)
  const reader = await connection.runAndReadAll(
    `select ttft_ms, (select n::int from summary('time_to_first_token')) as n from request_metrics where outcome = 'ok'`,
  )
  expect(reader.getRowObjectsJS()).toEqual([{ ttft_ms: 50, n: 1 }])
  connection.closeSync()
  instance.closeSync()
})
