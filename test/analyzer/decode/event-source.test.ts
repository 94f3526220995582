import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { eventsOf } from '../../../analyzer/decode/event-source.ts'

/** Reads in which every length occurs: none, within DuckDB's 16-byte entry, beyond it, beyond a page. */
const READS = `
  select i::uinteger as request_id, 'read' as kind, i * 1000 as at_ns, 0::usmallint as status,
    encode(i || ':' || repeat('é', [0, 1, 4, 6, 20, 300, 3000][i % 7 + 1])) as data
  from range(9000) as t(i)`

/** What is read of the file that a SELECT from READS makes, beside what DuckDB itself says is in it. */
async function readBoth(select: string, options: string) {
  const folder = mkdtempSync(join(tmpdir(), 'events-'))
  const path = join(folder, 'events-0.parquet')
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    await connection.run(
      `copy (with reads as (${READS}) ${select}) to '${path}' (format parquet, ${options})`,
    )
    const seen: string[] = []
    for await (const batch of eventsOf({ lane: 0, path, state: 'sealed' }, connection))
      for (let i = 0; i < batch.length; i++) {
        const said = batch.data[i]!.toString('utf8', batch.start[i], batch.end[i])
        seen.push([batch.requestId[i], batch.atNs[i], batch.status[i], said].join())
      }
    const asked = await connection.runAndReadAll(
      `select concat_ws(',', request_id, at_ns, coalesce(status, 0), coalesce(decode(data), '')) from '${path}'`,
    )
    return { seen, asked: asked.getRowsJS().flat() }
  } finally {
    connection.closeSync()
    instance.closeSync()
    rmSync(folder, { recursive: true })
  }
}

test.each([
  ['as we write it', 'from reads', 'parquet_version v2, compression zstd'],
  [
    'dictionaries',
    "select * replace (encode((i * 7919 % 5) || repeat('x', 30)) as data) from (select *, request_id as i from reads)",
    'parquet_version v1',
  ],
  ['no data at all', 'select * replace (null::blob as data) from reads', 'row_group_size 2048'],
  [
    'no data in a third of the rows',
    'select * replace (if(request_id % 3 = 0, null, data) as data) from reads',
    'compression zstd',
  ],
  [
    'row groups without data',
    'select * replace (if(request_id // 2048 % 2 = 0, null, data) as data) from reads',
    'row_group_size 2048',
  ],
  [
    'no status',
    'select * replace (null::usmallint as status) from reads',
    'compression uncompressed',
  ],
  [
    'wider integers',
    'select * replace (request_id::bigint as request_id, 7::bigint as status) from reads',
    'compression zstd',
  ],
])('every event is read as DuckDB reads it: %s', async (_name, select, options) => {
  const { seen, asked } = await readBoth(select, options)
  expect(seen).toHaveLength(9000)
  expect(seen).toEqual(asked)
})

test.each(['request_id', 'at_ns'])('a NULL in %s is told', async column => {
  const select = `select * replace (if(request_id = 5000, null, ${column}) as ${column}) from reads`
  await expect(readBoth(select, 'compression zstd')).rejects.toThrow(
    `events-0.parquet: ${column} is NULL, which no row of it may be`,
  )
})
