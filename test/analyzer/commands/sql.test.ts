import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { tableFromIPC } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { analyze } from '../../support/analyze.ts'
import { scratch } from '../../support/cli.ts'
import { rowsOf } from '../../support/query.ts'
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

test('values of any type', async () => {
  const query = `select 12345678901234567890::hugeint as big, [1.5, null] as list, {'x': 2} as struct,
    '{"a"}'::blob as bytes, '2024-01-01 00:00:00'::timestamp as at, 'infinity'::double as most, null as none`
  expect(JSON.parse((await analyze('sql', tape, query, '--format', 'json')).out)).toEqual([
    {
      big: '12345678901234567890',
      list: [1.5, null],
      struct: { x: 2 },
      bytes: '{"a"}',
      at: '2024-01-01T00:00:00.000Z',
      most: null,
      none: null,
    },
  ])
  expect((await analyze('sql', tape, query, '--format', 'csv')).out).toBe(
    `big,list,struct,bytes,at,most,none
12345678901234567890,"[1.5,null]","{""x"":2}","{""a""}",2024-01-01T00:00:00.000Z,Infinity,
`,
  )
})

test('a number that no double holds is infinite, as it is to DuckDB', async () => {
  const { code, out } = await analyze(
    'sql',
    tape,
    "select 'Infinity', 5 < 1e400 as less",
    '--format',
    'csv',
  )
  expect({ code, out }).toEqual({ code: 0, out: "'Infinity',less\nInfinity,true\n" })
})

test('from a file', async () => {
  writeFileSync(path('query.sql'), `-- how they ended\n${COUNT}\n`)
  expect((await analyze('sql', tape, '-f', path('query.sql'), '--format', 'csv')).out).toBe(
    'outcome,n\nok,1\ntimeout,1\n',
  )
})

describe('to a file, in the format that its name says', () => {
  const written = async (name: string, query: string): Promise<string> => {
    expect(await analyze('sql', tape, query, '-o', path(name))).toEqual({
      code: 0,
      out: '',
      err: '',
    })
    return path(name)
  }

  test('.csv, .json, .md', async () => {
    expect(readFileSync(await written('a.csv', COUNT), 'utf8')).toBe('outcome,n\nok,1\ntimeout,1\n')
    expect(JSON.parse(readFileSync(await written('a.json', COUNT), 'utf8'))).toHaveLength(2)
    expect(readFileSync(await written('a.md', COUNT), 'utf8')).toMatch(/^\| outcome \| n \|/)
  })

  test('.parquet', async () => {
    const file = await written('a.parquet', 'from requests')
    expect(await rowsOf(`select outcome from '${file}' order by request_id`)).toEqual([
      { outcome: 'ok' },
      { outcome: 'timeout' },
    ])
  })

  test.each(['a.arrow', 'a.arrows'])('%s', async name => {
    const file = await written(
      name,
      `select request_id, outcome, ttft_ms, sum(request_id) over () as whole, -1.25::decimal(9, 2) as cents,
         [request_id, null] as list, '2024-01-01 00:00:00.123456'::timestamp as at, ttft_ms > 1 as slow,
         'bytes'::blob as data
       from request_metrics order by request_id`,
    )
    const table = tableFromIPC(readFileSync(file))
    expect(
      Object.fromEntries(table.schema.fields.map(({ name, type }) => [name, String(type)])),
    ).toEqual({
      request_id: 'Uint32',
      outcome: 'Utf8',
      ttft_ms: 'Float64',
      whole: 'Decimal[38e0]',
      cents: 'Decimal[9e+2]',
      list: 'List<Uint32>',
      at: 'Timestamp<MICROSECOND>',
      slow: 'Bool',
      data: 'Binary',
    })
    expect([...table.getChild('ttft_ms')!]).toEqual([50, null])
    expect([...table.getChild('outcome')!]).toEqual(['ok', 'timeout'])
    expect([...table.getChild('slow')!]).toEqual([true, null])
    expect([...table.getChild('list')!.get(1)!]).toEqual([1, null])
    expect([...table.getChild('cents')!.get(0)!]).toEqual([
      2 ** 32 - 125,
      ...[1, 1, 1].map(() => 2 ** 32 - 1),
    ])
    expect([...table.getChild('whole')!.get(0)!]).toEqual([1, 0, 0, 0])
    expect(table.getChild('at')!.data[0]!.values[0]).toBe(1_704_067_200_123_456n)
    expect(Buffer.from(table.getChild('data')!.get(0)!).toString()).toBe('bytes')
  })

  test('what is there is not written over; what failed leaves nothing', async () => {
    writeFileSync(path('there.csv'), 'mine')
    expect((await analyze('sql', tape, COUNT, '-o', path('there.csv'))).err).toContain(
      'is already there',
    )
    expect(readFileSync(path('there.csv'), 'utf8')).toBe('mine')
    const failing = `select error('on purpose') from requests`
    expect((await analyze('sql', tape, failing, '-o', path('failed.csv'))).code).toBe(2)
    expect(existsSync(path('failed.csv'))).toBe(false)
  })
})

test('many rows: a table shows the first of them and says so, CSV has all', async () => {
  const { out, err } = await analyze('sql', tape, 'from range(12345)')
  expect(out.split('\n').slice(-2)).toEqual(['9,999', ''])
  expect(err).toBe(
    'note: only the first 10000 rows; all of them: --format csv, or --output rows.parquet\n',
  )
  const csv = await analyze('sql', tape, 'from range(12345)', '--format', 'csv')
  expect(csv.err).toBe('')
  expect(csv.out.split('\n').at(-2)).toBe('12344')
})

test('several tapes, and a pattern', async () => {
  const other = await writeTape([{ tokens: [10] }], {
    manifest: { ...builtin.manifest, run_id: 'b' },
  })
  const query = 'select run_id, count(*) as n from requests group by all order by all'
  expect((await analyze('sql', tape, other, query, '--format', 'csv')).out).toBe(
    'run_id,n\na,2\nb,1\n',
  )
  expect((await analyze('sql', join(dirname(other), '*.tape'), query, '--format', 'csv')).out).toBe(
    'run_id,n\nb,1\n',
  )
  expect((await analyze('sql', join(dirname(other), 'x*'), query)).err).toContain('matches no tape')
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
    ["from '/etc/passwd'", 'does not exist'],
    ["from 'https://example.com/rows.parquet'", 'Permission Error'],
    [`from read_text('${tape}/../other')`, 'Permission Error'],
    [`from read_text('${tape}x/run.json')`, 'Permission Error'],
    ["from read_blob('/proc/self/environ')", 'Permission Error'],
    ["select getenv('HOME')", 'getenv does not exist'],
    ["from read_arrow_log('/etc/passwd', 'events')", 'read_arrow_log is not one that only reads'],
    [
      `from Enable_Logging(storage = 'file', storage_path = '${tape}/log')`,
      'enable_logging is not',
    ],
    [`describe from "enable_logging"()`, 'enable_logging is not'],
    ["from query('from enable_logging()')", 'query is not'],
    ["from json_execute_serialized_sql('{}')", 'json_execute_serialized_sql is not'],
    ['select (select count(*) from checkpoint())', 'checkpoint is not'],
    ['with x as (from disable_logging()) from x', 'disable_logging is not'],
    ['load httpfs', 'only queries that read are run'],
    ['pragma enable_profiling', 'only queries that read are run'],
    ['set enable_external_access = true', 'only queries that read are run'],
    ['reset memory_limit', 'only queries that read are run'],
    ['call enable_logging()', 'only queries that read are run'],
    ['insert into requests from requests', 'only queries that read are run'],
    ['delete from requests', 'only queries that read are run'],
    ["export database '/tmp/tokentape-stolen'", 'only queries that read are run'],
    ['begin', 'only queries that read are run'],
    ['prepare x as select 1', 'only queries that read are run'],
    ['set variable quantiles = [1]', 'only queries that read are run'],
    ["create secret (type http, bearer_token 'x')", 'only queries that read are run'],
    ['from request_metric', 'did you mean request_metrics?'],
    ['select ttt from requests', 'Referenced column "ttt" not found'],
    ['select * frm requests', 'syntax error'],
    ['  ', 'no query'],
  ])('%s', async (query, message) => {
    const { code, out, err } = await analyze('sql', tape, query)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
  })

  test('what only reads is run: our macros, lists of relations, the files of the tape', async () => {
    for (const query of [
      "from summary('time_to_first_token')",
      'from range(3), unnest([1, 2])',
      `from glob('${tape}/*.parquet')`,
      'show tables',
      'describe requests',
      'summarize requests',
      'from duckdb_views()',
    ])
      expect({ query, ...(await analyze('sql', tape, query, '--format', 'csv')) }).toMatchObject({
        code: 0,
        err: '',
      })
    const { out } = await analyze('sql', tape, 'show tables', '--format', 'csv')
    for (const name of ['requests', 'messages', 'request_metrics', 'checks'])
      expect(out).toContain(`\n${name}\n`)
  })

  test('a query needs more memory than it may have', async () => {
    const { code, err } = await analyze(
      ...['sql', tape, 'select count(distinct hash(i) || hash(i + 1)) from range(5000000) t(i)'],
      ...['--memory-limit', '30MB'],
    )
    expect(code).toBe(2)
    expect(err).toContain('needs more than 30MB')
    expect(err).toContain('--memory-limit')
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
    [['--format', 'parquet'], 'needs --output'],
    [['--format', 'arrow'], 'needs --output, or a pipe'],
    [['--output', '/tmp/rows.xlsx'], 'does not say its format'],
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

/** A tape, the statements that give another DuckDB its relations, and what they must answer. */
async function setup(...flags: string[]) {
  const own = await writeTape([{ sent: 0, tokens: [50, 60] }, { outcome: 'timeout' }], builtin)
  const { out, err, code } = await analyze('sql', own, '--print-setup', ...flags)
  expect({ err, code }).toEqual({ err: '', code: 0 })
  return { own, statements: out }
}
const ASKED = `select ttft_ms, (select n::int from summary('time_to_first_token')) as n,
  (select percentiles[5] / 1e6 from summary('time_to_first_token')) as p50_ms
  from request_metrics where outcome = 'ok'`
const ANSWER = { ttft_ms: 50, n: 1, p50_ms: 50 }

test('--print-setup gives any DuckDB the same relations, with nothing kept but the messages', async () => {
  const { own, statements } = await setup()
  // DuckDB 2 refuses a lambda written with an arrow.
  expect(statements.match(/.*\w -> (?!').*/g) ?? []).toEqual([])
  for (const name of readdirSync(join(own, 'derived')))
    if (name.startsWith('requests-')) rmSync(join(own, 'derived', name))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(statements)
  expect((await connection.runAndReadAll(ASKED)).getRowObjectsJS()).toEqual([ANSWER])
  connection.closeSync()
  instance.closeSync()
})

const python = 'import duckdb'
const hasDuckDb = spawnSync('python3', ['-c', python]).status === 0
test.skipIf(!hasDuckDb)("--print-setup in Python's DuckDB", async () => {
  const { statements } = await setup()
  writeFileSync(path('setup.sql'), statements)
  const program = `${python}
duckdb.execute(open(${JSON.stringify(path('setup.sql'))}).read())
print(duckdb.sql("""${ASKED}""").fetchall())`
  expect(execFileSync('python3', ['-c', program], { encoding: 'utf8' })).toBe('[(50.0, 1, 50.0)]\n')
})

test('--database writes a DuckDB file that answers by itself', async () => {
  const file = path('tape.duckdb')
  expect(await analyze('sql', tape, '--database', file)).toEqual({ code: 0, out: '', err: '' })
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  expect((await connection.runAndReadAll(ASKED)).getRowObjectsJS()).toEqual([ANSWER])
  connection.closeSync()
  instance.closeSync()
  expect((await analyze('sql', tape, '--database', file)).err).toContain('is already there')
})

test('messages that cannot be kept are nothing for another DuckDB', async () => {
  const own = await writeTape([{ tokens: [1] }], builtin)
  writeFileSync(join(own, 'derived'), 'in the way')
  const { code, err } = await analyze('sql', own, '--print-setup')
  expect(code).toBe(2)
  expect(err).toContain('cannot be kept beside it')
  mkdirSync(path('folder'))
  expect((await analyze('sql', own, '--database', path('folder/a.db'))).code).toBe(2)
  expect(readdirSync(path('folder'))).toEqual([])
})
