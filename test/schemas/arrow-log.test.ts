import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { RecordBatchReader } from 'apache-arrow'
import { beforeAll, expect, test } from 'vitest'
import { eventColumns, eventLog, KIND, newBuffers } from '../../recorder/event-log.ts'
import { randomFor } from '../../recorder/random.ts'
import { arrowEncoder } from '../../schemas/arrow-encoder.ts'
import { readArrowLog } from '../../schemas/arrow-log.ts'
import { columnsOf } from '../../schemas/columns.ts'
import { EVENTS, REQUESTS, type RequestRow, TABLES, type Table } from '../../schemas/tables.ts'
import { ns } from '../../schemas/units.ts'
import { scratch } from '../support/cli.ts'
import { writeTape } from '../support/tape.ts'

const path = scratch()

/** Batches of a seeded log: how many rows each has, and the file's bytes up to its end. */
function writeLog(file: string, batches: number): { rows: number[]; ends: number[] } {
  const random = randomFor(7, 'log', 0)
  const encoder = arrowEncoder(EVENTS)
  const pieces: Uint8Array[] = []
  const rows: number[] = []
  const ends: number[] = []
  const log = eventLog(newBuffers(), set => {
    pieces.push(...encoder.batch(eventColumns(set)).map(piece => Uint8Array.from(piece)))
    rows.push(set.length)
    ends.push(pieces.reduce((sum, piece) => sum + piece.length, 0))
    return newBuffers()
  })
  let at = 2 ** 40
  for (let batch = 0; batch < batches; batch++) {
    const length = 1 + Math.floor(random() * 60)
    for (let row = 0; row < length; row++) {
      at += Math.floor(random() * 1e9)
      const data = Buffer.alloc(Math.floor(random() * 80), row)
      log.data(row, KIND.read, ns(at), 0, data)
    }
    log.flush()
  }
  writeFileSync(file, Buffer.concat(pieces))
  return { rows, ends }
}

function read(file: string, table: Table = EVENTS) {
  const lengths: number[] = []
  const batches = readArrowLog(file, table)
  for (;;) {
    const next = batches.next()
    if (next.done) return { lengths, ...next.value }
    lengths.push(next.value.length)
  }
}

let rows: number[]
let ends: number[]
let whole: Buffer
beforeAll(() => {
  ;({ rows, ends } = writeLog(path('whole.arrows'), 40))
  whole = readFileSync(path('whole.arrows'))
})

test('what is written is read back, by us and by Arrow itself', () => {
  expect(read(path('whole.arrows'))).toEqual({ lengths: rows, goodBytes: whole.length })
  const batches = [...RecordBatchReader.from(whole)]
  expect(batches.map(batch => batch.numRows)).toEqual(rows)
  expect(batches[0]!.schema.names).toEqual(Object.keys(EVENTS))
})

test('a nullable column that was added behind the others since reads as NULL, another is missed', () => {
  const added: Table = {
    ...EVENTS,
    a_count: ['uint32?', '', ''],
    a_text: ['text?', '', ''],
    a_list: ['uint32[]?', '', ''],
  }
  for (const { length, columns } of readArrowLog(path('whole.arrows'), added)) {
    expect(columns['data']!.offsets!.length).toBe(length + 1)
    for (const name of ['a_count', 'a_text', 'a_list']) {
      const { validity, nullCount } = columns[name]!
      expect(nullCount).toBe(length)
      expect([...validity!].every(bits => bits === 0)).toBe(true)
    }
  }
  expect(read(path('whole.arrows'), added)).toEqual({ lengths: rows, goodBytes: whole.length })
  const missed: Table = { ...EVENTS, count: ['uint32', '', ''] }
  expect(read(path('whole.arrows'), missed)).toMatchObject({
    lengths: [],
    torn: expect.any(String),
  })
})

test('blanked bytes are read back row by row', () => {
  const encoder = arrowEncoder(EVENTS)
  const set = newBuffers(16, 64)
  set.length = 10
  const pieces = encoder.batch(eventColumns(set, new Map([[0, 3], [9, 4]]))) // biome-ignore format: a line
  writeFileSync(path('blanked.arrows'), Buffer.concat(pieces))
  const [batch] = readArrowLog(path('blanked.arrows'), EVENTS)
  const { values, validity, nullCount } = batch!.columns['blanked_bytes']!
  expect(nullCount).toBe(8)
  expect([...validity!]).toEqual([1, 2])
  expect([values![0], values![9]]).toEqual([3, 4])
})

test('a log cut at any of 3,000 bytes gives every whole batch and nothing else', () => {
  const random = randomFor(1, 'cuts', 0)
  const cut = path('cut.arrows')
  for (let i = 0; i < 3000; i++) {
    const at = Math.floor(random() * (whole.length + 1))
    writeFileSync(cut, whole.subarray(0, at))
    const expected = ends.filter(end => end <= at).length
    const { lengths, goodBytes } = read(cut)
    expect(lengths).toEqual(rows.slice(0, expected))
    if (expected > 0) expect(goodBytes).toBe(ends[expected - 1])
  }
})

test('bytes damaged inside a batch end the log there and say so', () => {
  const damaged = path('damaged.arrows')
  writeFileSync(damaged, whole)
  const file = openSync(damaged, 'r+')
  writeSync(file, Buffer.alloc(4, 0xee), 0, 4, ends[9]! - 16)
  closeSync(file)
  const { lengths, torn } = read(damaged)
  expect(lengths).toEqual(rows.slice(0, 9))
  expect(torn).toBe('a batch whose checksum does not match')
})

test('a tail of zeros is no data', () => {
  const padded = path('padded.arrows')
  writeFileSync(padded, whole)
  truncateSync(padded, whole.length + 4096)
  expect(read(padded).lengths).toEqual(rows)
})

test('a file that is no Arrow stream has no batches and says so', () => {
  writeFileSync(path('text'), 'hello, this is not Arrow at all')
  expect(read(path('text'))).toEqual({
    lengths: [],
    goodBytes: 0,
    torn: 'no message where one should begin',
  })
})

test('a nullable column that the log has not yet is NULL; another table is not read as this one', () => {
  const { input_tokens, body, ...before } = REQUESTS
  const row = {
    ...{ request_id: 3, lane: 1, phase: 'profiling', session_id: null, turn: 0, dataset_row: null },
    ...{ history_tokens: null, requested_output_tokens: null, hash_ids: null, model: 'm' },
    ...{ url: 'http://a', body_bytes: 9, body_digest: 'd' },
  }
  const batch = arrowEncoder(before).batch(columnsOf(before, [row, row]))
  writeFileSync(path('before.arrows'), Buffer.concat(batch))
  const found = [...readArrowLog(path('before.arrows'), REQUESTS)]
  expect(found.map(({ length }) => length)).toEqual([2])
  const { columns } = found[0]!
  expect(columns['input_tokens']).toMatchObject({ nullCount: 2, validity: new Uint8Array(1) })
  expect(columns['body']).toMatchObject({ nullCount: 2, offsets: new Int32Array(3) })
  expect([...columns['request_id']!.values!]).toEqual([3, 3])
  expect(read(path('before.arrows'), EVENTS)).toMatchObject({
    lengths: [],
    torn: 'columns that are not those of this table',
  })
})

test('nulls and lists survive', () => {
  const request: RequestRow = {
    request_id: 3,
    lane: 1,
    phase: 'profiling',
    session_id: null,
    turn: 0,
    dataset_row: null,
    input_tokens: 7,
    history_tokens: null,
    requested_output_tokens: null,
    hash_ids: [1, 2, 3],
    model: 'm',
    url: 'http://a',
    body_bytes: 9,
    body_digest: 'd',
    body: null,
  }
  const written = [request, { ...request, session_id: 'é', hash_ids: null }]
  const batch = arrowEncoder(REQUESTS).batch(columnsOf(REQUESTS, written))
  writeFileSync(path('requests.arrows'), Buffer.concat(batch))
  expect(read(path('requests.arrows'), REQUESTS).lengths).toEqual([2])
  const [found] = [...RecordBatchReader.from(readFileSync(path('requests.arrows')))]
  expect(found!.get(1)!.toJSON()).toMatchObject({ session_id: 'é', hash_ids: null, body: null })
  expect([...(found!.get(0)!.toJSON() as { hash_ids: Iterable<number> }).hash_ids]).toEqual([
    1, 2, 3,
  ])
})

test('a bit wrong in what may be the type of a message: what is read is what stood before it, and nothing is thrown', async () => {
  const tape = await writeTape([{ sent: 0, tokens: [10, 20, 30] }], { state: 'live' })
  const file = join(tape, 'events-0.arrows')
  const bytes = readFileSync(file)
  const rowsIn = (): number => {
    let rows = 0
    for (const { length } of readArrowLog(file, TABLES.events)) rows += length
    return rows
  }
  const whole = rowsIn()
  // One batch: it is there as it was, or it is not there. Another type of message (3 is a
  // batch) would hide it.
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 3) continue
    const wrong = Buffer.from(bytes)
    wrong[at]! ^= 1
    writeFileSync(file, wrong)
    expect([0, whole], `byte ${at}`).toContain(rowsIn())
    const log = readArrowLog(file, TABLES.events)
    let step = log.next()
    while (!step.done) step = log.next()
    if (step.value.goodBytes < bytes.length - 8) expect(step.value.torn).toBeDefined()
  }
})

test('one bit wrong anywhere in the first messages: reading ends, throws nothing, and makes up no row', () => {
  const { rows: lengths } = writeLog(path('short.arrows'), 3)
  const bytes = readFileSync(path('short.arrows'))
  const flipped = path('flipped.arrows')
  // Every third bit of the headers of the schema and of the first batch; of what follows, one in 97.
  const headers = 2500 * 8
  for (let bit = 0; bit < bytes.length * 8; bit += bit < headers ? 3 : 97) {
    const wrong = Buffer.from(bytes)
    wrong[bit >> 3]! ^= 1 << (bit & 7)
    writeFileSync(flipped, wrong)
    const found = read(flipped).lengths
    expect(lengths.slice(0, found.length), `bit ${bit}`).toEqual(found)
  }
})
