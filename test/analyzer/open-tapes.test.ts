import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MESSAGES_VERSION } from '../../analyzer/decode/messages-table.ts'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { arrowEncoder } from '../../schemas/arrow-encoder.ts'
import { columnsOf } from '../../schemas/columns.ts'
import { TABLES } from '../../schemas/tables.ts'
import { rowsOf } from '../support/query.ts'
import { eventRows, type RequestLiteral, words, writeTape } from '../support/tape.ts'

const REQUESTS: RequestLiteral[] = [
  { sent: 0, tokens: [60, 80, 100] },
  { sent: 5, tokens: [70, 90], lane: 1 },
]

async function open(...paths: string[]) {
  let notes = ''
  const tapes = await openTapes(paths, {
    err: text => {
      notes += text
    },
    tokenizerOf: () => words,
  })
  return { tapes, notes: () => notes }
}

/** What opening it failed with, without the folder that differs each time. */
async function refusal(
  tape: string,
  ...more: string[]
): Promise<{ message: string; hint: string }> {
  const error = await open(tape, ...more).then(
    () => expect.fail('it opened'),
    error => error,
  )
  expect(error.name).toBe('UserError')
  return {
    message: error.message.replaceAll(tape, 'TAPE'),
    hint: error.hint.replaceAll(tape, 'TAPE'),
  }
}

test('a live tape reads as the sealed one does', async () => {
  const live = await open(await writeTape(REQUESTS, { state: 'live' }))
  const sealed = await open(await writeTape(REQUESTS))
  for (const relation of ['raw_events', 'raw_requests', 'messages', 'requests', 'samples'])
    expect(await live.tapes.query(`from ${relation} order by all`), relation).toEqual(
      await sealed.tapes.query(`from ${relation} order by all`),
    )
  expect(live.notes()).toMatch(
    /^note: .*: not sealed: read as it is; to seal it: tokentape seal .*\n$/,
  )
  expect(sealed.notes()).toBe('')
})

test('a live tape that was cut at any byte gives what is whole', async () => {
  const tape = await writeTape(REQUESTS, { state: 'live' })
  const file = join(tape, 'events-0.arrows')
  const whole = readFileSync(file)
  for (const length of [0, 3, 200, whole.length - 100, whole.length - 1]) {
    writeFileSync(file, whole.subarray(0, length))
    const { tapes } = await open(tape)
    const [row] = await tapes.query('select count(*) as n from raw_events where request_id = 0')
    expect([0, 8]).toContain(row!['n'])
    tapes.close()
  }
})

test('a torn tail is told', async () => {
  const tape = await writeTape(REQUESTS, { state: 'live' })
  const file = join(tape, 'events-0.arrows')
  writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, -8), Buffer.from('garbage!')]))
  const { tapes, notes } = await open(tape)
  expect(notes()).toContain(
    'events-0.arrows: no message where one should begin; the 8 rows before that are read',
  )
  expect(await tapes.query('select torn_files from raw_runs')).toEqual([{ torn_files: 1 }])
})

test('decoded messages are kept, used again, and made again when damaged', async () => {
  const tape = await writeTape(REQUESTS)
  const messages = async () => (await open(tape)).tapes.query('from messages order by all')
  const first = await messages()
  const folder = join(tape, 'derived', readdirSync(join(tape, 'derived'))[0]!)
  expect(folder).toMatch(new RegExp(`messages-v${MESSAGES_VERSION}-f00dfacecafe$`))
  expect(readdirSync(folder)).toEqual(['messages-0.parquet', 'messages-1.parquet'])
  writeFileSync(join(folder, 'messages-1.parquet'), 'no parquet')
  expect(await messages()).toEqual(first)
  rmSync(join(tape, 'derived'), { recursive: true })
  expect(await messages()).toEqual(first)
  expect(readdirSync(join(tape, 'derived'))).toEqual([
    `messages-v${MESSAGES_VERSION}-f00dfacecafe`,
    'verified.json',
  ])
})

test('a tape that cannot be written to is read all the same', async () => {
  const tape = await writeTape(REQUESTS)
  writeFileSync(join(tape, 'derived'), 'in the way')
  const { tapes, notes } = await open(tape)
  expect(await tapes.query('select count(*) as n from messages')).toEqual([{ n: 11 }])
  expect(notes()).toContain('decoded messages are not kept: ')
})

test('a live tape leaves nothing behind in it', async () => {
  const tape = await writeTape(REQUESTS, { state: 'live' })
  const { tapes } = await open(tape)
  tapes.close()
  expect(existsSync(join(tape, 'derived'))).toBe(false)
})

test('several tapes are one relation', async () => {
  const a = await writeTape(REQUESTS)
  const b = await writeTape([{ tokens: [10] }], { manifest: { run_id: "it's b" }, state: 'live' })
  const { tapes } = await open(a, b)
  expect(
    await tapes.query('select run_id, count(*) as n from requests group by all order by all'),
  ).toEqual([
    { run_id: 'a', n: 2 },
    { run_id: "it's b", n: 1 },
  ])
})

test('a tape without any file is empty', async () => {
  const tape = await writeTape(REQUESTS, { digests: false })
  for (const name of readdirSync(tape)) if (name !== 'run.json') rmSync(join(tape, name))
  const { tapes } = await open(tape)
  expect(await tapes.query('from requests')).toEqual([])
  expect(await tapes.query('select message from checks')).toEqual([
    { message: 'the tape holds no request' },
  ])
})

test('the same run twice is refused', async () => {
  const tape = await writeTape(REQUESTS)
  const copy = `${tape}-copy`
  cpSync(tape, copy, { recursive: true })
  expect(await refusal(tape, copy)).toEqual({
    message: 'TAPE-copy: the run a is already there from TAPE',
    hint: 'name each run once',
  })
})

test('no tape, and a directory that is none', async () => {
  expect(await refusal('/nowhere.tape')).toMatchObject({ message: 'TAPE: no such tape' })
  const tape = await writeTape(REQUESTS)
  rmSync(join(tape, 'run.json'))
  expect(await refusal(tape)).toMatchObject({ message: 'TAPE: not a tape: it has no run.json' })
})

test('a Parquet file that was cut, is foreign, or belongs to another run', async () => {
  const tape = await writeTape(REQUESTS, { digests: false })
  const file = join(tape, 'events-0.parquet')
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, whole.length - 20))
  expect((await refusal(tape)).message).toMatch(/^TAPE\/events-0\.parquet: cut or damaged: .*$/)

  writeFileSync(file, 'no parquet at all, but long enough to be one')
  expect((await refusal(tape)).message).toMatch(/^TAPE\/events-0\.parquet: cut or damaged: .*$/)

  cpSync(join(tape, 'requests-0.parquet'), file)
  expect(await refusal(tape)).toEqual({
    message: 'TAPE/events-0.parquet: not written by tokentape: it has no column "kind"',
    hint: 'take the file out of the tape, or restore the one that was there',
  })

  const other = await writeTape(REQUESTS, { manifest: { run_id: 'b' } })
  cpSync(join(other, 'events-0.parquet'), file)
  expect((await refusal(tape)).message).toBe(
    'TAPE/events-0.parquet: belongs to the run b, not to a',
  )
})

test('a Parquet file that is damaged inside', async () => {
  const tape = await writeTape(
    Array.from({ length: 50 }, () => ({ tokens: [10, 20, 30] })),
    {
      digests: false,
    },
  )
  const file = join(tape, 'events-0.parquet')
  const bytes = readFileSync(file)
  bytes.fill(0xa5, 200, bytes.length - 1500)
  writeFileSync(file, bytes)
  const { tapes } = await open(tape)
  const error = await tapes.query('from requests').catch(reason => reason)
  expect(error.name).toBe('UserError')
  expect(error.message).toMatch(/events-0\.parquet: damaged: /)
})

/** A tape whose file others have written again, by this SELECT from it. */
async function rewritten(
  select: string,
  name = 'events',
  options = 'row_group_size 2048, compression zstd',
): Promise<string> {
  const tape = await writeTape(
    [...REQUESTS, { sent: 7, outcome: 'timeout' }, ...Array(20).fill({ tokens: [20, 30, 40] })],
    { digests: false },
  )
  const file = join(tape, `${name}-0.parquet`)
  await rowsOf(
    `copy (${select.replace('FILE', `read_parquet('${file}')`)}) to '${file}.new' (format parquet, ${options})`,
  )
  renameSync(`${file}.new`, file)
  return tape
}

test.each([
  ['no change', 'from FILE'],
  [
    'dictionaries',
    'from FILE',
    'parquet_version v1, compression snappy, dictionary_size_limit 100000',
  ],
  [
    'wider integers',
    'select * replace (request_id::bigint as request_id, status::integer as status, n_bytes::hugeint::bigint as n_bytes) from FILE',
  ],
  [
    'NULL for no data',
    'select * replace (case when octet_length(data) > 0 then data end as data) from FILE',
  ],
  ['NULL for no status', 'select * replace (nullif(status, 0) as status) from FILE'],
  // Sorted so, whole row groups of it are NULL.
  [
    'row groups without data',
    "select * replace (case when octet_length(data) > 0 then data end as data) from FILE order by kind not in ('sent', 'end'), at_ns",
  ],
])(
  'a tape that others wrote again reads as it was: %s',
  async (_name, select, options?: string) => {
    const relations = ['messages', 'requests']
    const all = async (tape: string) => {
      const { tapes } = await open(tape)
      const rows = []
      for (const relation of relations)
        rows.push(await tapes.query(`from ${relation} order by all`))
      tapes.close()
      return rows
    }
    const before = await all(await rewritten('from FILE'))
    expect(before[0]).toHaveLength(131)
    expect(await all(await rewritten(select, 'events', options))).toEqual(before)
  },
)

test('reads without bytes say nothing', async () => {
  const tape = await rewritten(
    "select * replace (case when kind <> 'read' then data end as data) from FILE",
  )
  const { tapes } = await open(tape)
  expect(await tapes.query('select count(*) as n from messages')).toEqual([{ n: 5 }])
  expect(
    await tapes.query('select outcome, count(*)::int as n from requests group by all order by all'),
  ).toEqual([
    { outcome: 'broken_stream', n: 21 },
    { outcome: 'ok', n: 1 },
    { outcome: 'timeout', n: 1 },
  ])
})

test.each([
  ['events', 'request_id', 'null::uinteger', 'request_id is NULL, which no row of it may be'],
  ['events', 'kind', 'null::varchar', 'kind is NULL, which no row of it may be'],
  ['events', 'kind', "'sung'", 'kind is "sung", which is none of scheduled, '],
  ['events', 'at_ns', 'null::bigint', 'at_ns is NULL, which no row of it may be'],
  [
    'events',
    'at_ns',
    '1764000000000000000',
    'at_ns is 1764000000000000000 ns, which is more than 104 days',
  ],
  [
    'events',
    'data',
    "if(kind = 'headers', encode('no json'), data)",
    'data of a row of kind headers is no JSON object: no json',
  ],
  [
    'events',
    'data',
    "if(kind = 'error', encode('7'), data)",
    'data of a row of kind error is no JSON object: 7',
  ],
  ['requests', 'request_id', 'null::uinteger', 'request_id is NULL, which no row of it may be'],
])(
  'a row that no tape can have is told with its file: %s.%s = %s',
  async (table, column, value, message) => {
    const tape = await rewritten(
      `select * replace (case when request_id in (2, 5) then ${value} else ${column} end as ${column}) from FILE`,
      table,
    )
    const error = await open(tape)
      .then(({ tapes }) => tapes.query('from requests'))
      .catch(reason => reason)
    expect(error.name).toBe('UserError')
    expect(error.message.replace(tape, 'TAPE')).toContain(`TAPE/${table}-0.parquet: ${message}`)
  },
)

test.each([
  ['events', 'data', "'text'", 'VARCHAR', 'BLOB'],
  ['events', 'at_ns', 'at_ns::double', 'DOUBLE', 'BIGINT'],
  ['events', 'data', 'null', 'INTEGER', 'BLOB'],
  ['requests', 'model', '7.5::double', 'DOUBLE', 'VARCHAR'],
])(
  'a column of another type is told with its file: %s.%s = %s',
  async (table, column, value, found, type) => {
    const tape = await rewritten(`select * replace (${value} as ${column}) from FILE`, table)
    expect((await refusal(tape)).message).toBe(
      `TAPE/${table}-0.parquet: column "${column}" is of type ${found}, where a tape has ${type}`,
    )
  },
)

test.each(Object.keys(TABLES.events))('a live tape with a NULL in %s', async column => {
  const alone = REQUESTS.slice(0, 1)
  const tape = await writeTape(alone, { state: 'live' })
  const rows = eventRows(alone).map((row, i) => (i === 3 ? { ...row, [column]: null } : row))
  const file = join(tape, 'events-0.arrows')
  const { length, columns } = columnsOf(TABLES.events, rows)
  const validity = new Uint8Array(Math.ceil(length / 8)).fill(0xff)
  validity[0] = 0xf7
  const withNull = {
    length,
    columns: { ...columns, [column]: { ...columns[column], validity, nullCount: 1 } },
  }
  const encoder = arrowEncoder(TABLES.events)
  writeFileSync(file, Buffer.concat([...encoder.batch(withNull), ...encoder.end()]))
  if (column === 'blanked_bytes') {
    const { tapes } = await open(tape)
    expect(await tapes.query('select count(*) as n from messages')).toEqual([{ n: 6 }])
  } else
    expect((await refusal(tape)).message).toBe(
      `TAPE/events-0.arrows: ${column} is NULL, which no row of it may be`,
    )
})

test('a live tape with a kind of event that is none', async () => {
  const tape = await writeTape(REQUESTS, { state: 'live' })
  const { length, columns } = columnsOf(TABLES.events, eventRows(REQUESTS))
  columns['kind']!.values!.fill(200 as never, 2, 3)
  const encoder = arrowEncoder(TABLES.events)
  writeFileSync(
    join(tape, 'events-0.arrows'),
    Buffer.concat([...encoder.batch({ length, columns }), ...encoder.end()]),
  )
  expect((await refusal(tape)).message).toMatch(
    /^TAPE\/events-0\.arrows: kind is "code 200", which is none of scheduled, /,
  )
})
