import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTapes as openModule } from '../../analyzer/module.ts'
import { UserError } from '../../schemas/errors.ts'
import type { Manifest } from '../../schemas/manifest.ts'
import { readManifest, writeManifest } from '../../schemas/tape.ts'
import { analyze } from '../support/analyze.ts'
import { rowsOf } from '../support/query.ts'
import { openLiteral, type RequestLiteral, writeTape } from '../support/tape.ts'

const REQUESTS: RequestLiteral[] = [
  { sent: 0, tokens: [10, 20] },
  { sent: 5, outcome: 'timeout' },
]

/** A tape without digests, of which one file is written anew by another writer. */
async function rewritten(table: string, columns: string): Promise<string> {
  const tape = await writeTape(REQUESTS, { digests: false })
  const file = join(tape, `${table}-0.parquet`)
  copyFileSync(file, `${tape}.old`)
  await rowsOf(
    `copy (select * replace (${columns}) from read_parquet('${tape}.old')) to '${file}' (format parquet)`,
  )
  return tape
}

test.each([
  ['events', 'at_ns::varchar as at_ns', 'at_ns', 'VARCHAR', 'BIGINT'],
  ['events', 'at_ns::double as at_ns', 'at_ns', 'DOUBLE', 'BIGINT'],
  ['events', '[at_ns] as at_ns', 'at_ns', 'LIST', 'BIGINT'],
  ['events', `kind::blob as kind`, 'kind', 'BLOB', 'VARCHAR'],
  ['events', `'x' as data`, 'data', 'VARCHAR', 'BLOB'],
  ['requests', 'now() as input_tokens', 'input_tokens', 'TIMESTAMP WITH TIME ZONE', 'UINTEGER'],
  ['requests', '7 as hash_ids', 'hash_ids', 'INTEGER', 'LIST'],
])('%s with "%s" is refused by its column', async (table, columns, name, found, expected) => {
  const tape = await rewritten(table, columns)
  expect(await analyze('report', tape)).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining(
      `error: ${join(tape, `${table}-0.parquet`)}: column "${name}" is of type ${found}, where a tape has ${expected}\n  hint: `,
    ),
  })
})

test.each([
  [
    'whole numbers of another width',
    'events',
    'n_bytes::bigint as n_bytes, status::int as status',
    0,
  ],
  [
    'an error that is no text',
    'events',
    `case when kind = 'error' then '\\xFF'::blob else data end as data`,
    2,
  ],
  [
    'an error that is no JSON',
    'events',
    `case when kind = 'error' then 'x'::blob else data end as data`,
    2,
  ],
  [
    'the last instant there is',
    'events',
    `case when kind = 'end' then 9223372036854775807 else at_ns end as at_ns`,
    2,
  ],
  [
    'the first',
    'events',
    `case when kind = 'sent' then -9223372036854775808 else at_ns end as at_ns`,
    2,
  ],
])('%s: every verb answers, or names the tape', async (_what, table, columns, expected) => {
  const tape = await rewritten(table, columns)
  const codes = new Set<number>()
  for (const words of [
    ['report', tape],
    ['slices', tape, '--width', '1s'],
    ['sql', tape, 'from requests'],
  ]) {
    const { code, err } = await analyze(...words)
    codes.add(code)
    if (code !== 0) expect(err, words[0]!).toMatch(/error: (?:\/|sql: |--width: ).*\n {2}hint: /)
  }
  expect([...codes]).toContain(expected)
})

test('a condition that fails on a value is named with its words', async () => {
  const tape = await writeTape(REQUESTS)
  const slo = 'cast(outcome as integer) > 0'
  for (const words of [
    ['goodput', tape, '--slo', slo],
    ['slices', tape, '--slo', slo],
    ['requests', tape, '--where', slo],
  ]) {
    const { code, err } = await analyze(...words)
    expect(code, `${words[0]}: ${err}`).toBe(2)
    expect(err, words[0]!).toContain(
      `"${slo}": Conversion Error: Could not convert string 'ok' to INT32`,
    )
  }
})

test.each([
  ['select nonsense from requests', 'nonsense', '(line 1, column 8)'],
  ['select *\nfrom requests\nwhere outcom = 1', 'outcom', '(line 3, column 7)'],
  ['select outcome::int from requests', "Could not convert string 'ok' to INT32", ''],
  ['select 9223372036854775807 + request_id from requests', 'Overflow', ''],
])(
  'a query of the user\u2019s: %j is answered in DuckDB\u2019s words',
  async (query, words, place) => {
    const tape = await writeTape(REQUESTS)
    const { code, err } = await analyze('sql', tape, query)
    expect(code).toBe(2)
    expect(err).toContain('error: sql: ')
    expect(err).toContain(words)
    expect(err).toContain(place)
    const opened = await openModule(tape, { note: () => {} })
    await expect(opened.query(query)).rejects.toThrow(UserError)
    opened.close()
  },
)

test('too little memory, a full place for what does not fit, and an interrupt are the user\u2019s to know', async () => {
  const tapes = await openLiteral(REQUESTS)
  const big = 'select count(distinct hash(i)) as n from range(20_000_000) as t(i)'
  await tapes.connection.run(`set memory_limit = '12MB'; set max_temp_directory_size = '1MB'`)
  await expect(tapes.query(big)).rejects.toThrow(
    expect.objectContaining({ name: 'UserError', hint: expect.stringContaining('memory') }),
  )
  await tapes.connection.run(`set memory_limit = '2GB'`)
  const asked = tapes.query('select count(*) from range(100_000_000_000)')
  const stopping = setInterval(() => tapes.connection.interrupt(), 5)
  await expect(asked).rejects.toThrow(
    expect.objectContaining({ name: 'UserError', message: 'the query was interrupted' }),
  )
  clearInterval(stopping)
})

test.each<[string, (manifest: Manifest) => Partial<Manifest>]>([
  ['a plan of other things', () => ({ plan: { phases: 5, workload: 'x', concurrency: 'many' } })],
  ['phases of nothing', () => ({ plan: { phases: [null], forceOsl: [] } })],
  [
    'a load of odd values',
    () => ({ plan: { phases: [{ load: { mode: { kind: 'open-loop', rate: [{ atNs: -1 }] } } }] } }),
  ],
  ['cores beyond a whole number', ({ host }) => ({ host: { ...host, cores: 1e300 } })],
  ['cores of a half', ({ host }) => ({ host: { ...host, cores: 1.5 } })],
  ['no lanes', () => ({ lanes: 0 })],
  ['the last nanosecond', () => ({ started_at_unix_ns: '9223372036854775807' })],
  ['a seed that is large', () => ({ seed: Number.MAX_SAFE_INTEGER })],
  ['a shard of none', () => ({ shard: { index: 5, of: 0 } })],
])('a manifest with %s', async (_what, change) => {
  const tape = await writeTape(REQUESTS, { digests: false })
  const manifest = readManifest(tape)
  writeManifest(tape, { ...manifest, ...change(manifest) })
  for (const words of [
    ['report', tape],
    ['describe', tape],
    ['export', tape, '--format', 'vllm', '-o', `${tape}.json`, '--force'],
    ['diff', '--base', tape, '--new', tape],
  ]) {
    const { code, err } = await analyze(...words)
    expect([0, 2, 5], `${words[0]}: ${err}`).toContain(code)
    if (code === 2) expect(err, words[0]!).toContain('\n  hint: ')
  }
})
