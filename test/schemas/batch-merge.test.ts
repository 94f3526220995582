import { writeFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { randomFor } from '../../recorder/random.ts'
import { arrowEncoder } from '../../schemas/arrow-encoder.ts'
import { readArrowLog } from '../../schemas/arrow-log.ts'
import { arrowScan, type ScanEnds } from '../../schemas/arrow-scan.ts'
import { mergeSmall } from '../../schemas/batch-merge.ts'
import { columnsOf } from '../../schemas/columns.ts'
import { REQUESTS, type RequestRow } from '../../schemas/tables.ts'
import { scratch } from '../support/cli.ts'

const path = scratch()

/** A row with nulls, texts and lists here and there. */
function requestRow(id: number, random: () => number): RequestRow {
  const orNull = <T>(value: T): T | null => (random() < 0.5 ? null : value)
  const some = (): number => Math.floor(random() * 5)
  return {
    request_id: id,
    lane: 1,
    phase: 'profiling',
    session_id: orNull('é'.repeat(some())),
    turn: some(),
    dataset_row: orNull(id),
    input_tokens: 7,
    history_tokens: null,
    requested_output_tokens: orNull(some()),
    hash_ids: orNull(Array.from({ length: some() }, () => id + some())),
    model: 'm'.repeat(some()),
    url: `http://a/${id}`,
    body_bytes: 9,
    body_digest: 'd',
    body: orNull(Buffer.alloc(some(), id)),
  }
}

/** Batches of the given sizes in one log. */
function writeLog(file: string, sizes: number[]): RequestRow[] {
  const random = randomFor(5, 'rows', 0)
  const encoder = arrowEncoder(REQUESTS)
  const rows: RequestRow[] = []
  const pieces: Uint8Array[] = []
  for (const size of sizes) {
    const batch = Array.from({ length: size }, (_, i) => requestRow(rows.length + i, random))
    rows.push(...batch)
    pieces.push(...encoder.batch(columnsOf(REQUESTS, batch)).map(piece => Uint8Array.from(piece)))
  }
  writeFileSync(file, Buffer.concat(pieces))
  return rows
}

const sizesOf = (count: number, most: number): number[] => {
  const random = randomFor(2, 'sizes', most)
  return Array.from({ length: count }, () => Math.floor(random() ** 3 * most))
}

test.each([
  ['one row each', Array(5000).fill(1)],
  ['a few rows each', sizesOf(400, 40)],
  ['small and large', sizesOf(60, 6000)],
  ['around a chunk', [2047, 1, 1, 2048, 1024, 1024, 1025, 1023, 0, 2049]],
])('a log of batches of %s gives every row as it was', async (_, sizes) => {
  const file = path('requests.arrows')
  const rows = writeLog(file, sizes)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const ends: ScanEnds = new Map()
  connection.registerTableFunction(arrowScan(ends))
  const found = await connection.runAndReadAll(`
    select * replace (hex(body) as body) from read_arrow_log('${file}', 'requests')`)
  expect(found.getRowObjectsJson()).toEqual(
    rows.map(row => ({
      ...row,
      body: row.body && Buffer.from(row.body).toString('hex').toUpperCase(),
    })),
  )
  expect(ends.get(file)).toMatchObject({ rows: rows.length })
  const count = await connection.runAndReadAll(`
    select count(*)::int, count(session_id)::int from read_arrow_log('${file}', 'requests')`)
  expect(count.getRowsJson()).toEqual([
    [rows.length, rows.filter(row => row.session_id !== null).length],
  ])
  connection.closeSync()
  instance.closeSync()
})

test('small batches come as few, large ones as they are', () => {
  const file = path('sizes.arrows')
  writeLog(file, [1, 2, 3, 3000, 1, 1500, 1500, 4])
  const merged = mergeSmall(readArrowLog(file, REQUESTS), ['request_id'])
  const found: [number, unknown][] = []
  for (const { length, columns } of merged) found.push([length, columns['request_id']!.values![0]])
  expect(found).toEqual([
    [6, 0],
    [3000, 6],
    [1, 3006],
    [1500, 3007],
    [1500, 4507],
    [4, 6007],
  ])
})
