import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { fileDigest } from '../../schemas/digests.ts'
import { LANE_TABLES } from '../../schemas/tables.ts'
import { readManifest, tableFile } from '../../schemas/tape.ts'
import { tokentapeUnder } from '../support/child.ts'
import { scratch } from '../support/cli.ts'
import { contents, copyOf, liveTape, namesIn, SEALED_NAMES, sealTape } from './seal-tape.ts'

const path = scratch()
const NAMES = LANE_TABLES

let live: string
let sealed: string
let rows: Record<string, { state: string; rows: number }>
beforeAll(async () => {
  live = liveTape(path('live.tape'), 30_000)
  sealed = copyOf(live, path('sealed.tape'))
  rows = Object.fromEntries(
    Object.entries(await contents(live)).map(([name, { rows }]) => [
      name,
      { state: 'sealed', rows },
    ]),
  )
  await sealTape(sealed)
})

/** It ends whole, from wherever it was interrupted, and sealing again leaves every file alone. */
async function expectSealed(tape: string) {
  const { files } = await sealTape(tape)
  expect(namesIn(tape)).toEqual(SEALED_NAMES)
  expect(await contents(tape)).toEqual(rows)
  expect(JSON.parse(readFileSync(`${tape}/run.json`, 'utf8')).state).toBe('sealed')
  const stamps = () => namesIn(tape).map(name => statSync(`${tape}/${name}`).mtimeMs)
  const before = stamps()
  expect((await sealTape(tape)).files).toEqual([])
  expect(stamps()).toEqual(before)
  return files
}

test('a live tape is sealed file by file, and then sealing does nothing', async () => {
  const files = await expectSealed(copyOf(live, path('all.tape')))
  expect(files.map(({ table, lane }) => `${table}-${lane}`).sort()).toEqual(
    Object.keys(rows).sort(),
  )
  expect(files.every(({ torn }) => torn === undefined)).toBe(true)
})

test('a sealed tape has the digest of every file; one that was sealed without gets them, once', async () => {
  const { digests } = readManifest(sealed)
  expect(Object.keys(digests!).sort()).toEqual(SEALED_NAMES.filter(name => name !== 'run.json'))
  for (const [name, digest] of Object.entries(digests!))
    expect(await fileDigest(`${sealed}/${name}`)).toEqual(digest)
  const tape = copyOf(sealed, path('older.tape'))
  const { digests: _files, manifest_sha256: _own, ...older } = readManifest(tape)
  writeFileSync(`${tape}/run.json`, JSON.stringify(older))
  expect((await sealTape(tape)).digested).toBe(true)
  expect(readManifest(tape).digests).toEqual(digests)
  expect((await sealTape(tape)).digested).toBe(false)
})

test('digests are of what was sealed: sealing again does not make them of what is there now', async () => {
  const tape = copyOf(sealed, path('changed.tape'))
  const file = tableFile(tape, 'health', 0, 'sealed')
  const { digests } = readManifest(tape)
  writeFileSync(file, 'garbage')
  await sealTape(tape)
  expect(readManifest(tape).digests).toEqual(digests)
})

test('half a Parquet file of an earlier attempt is thrown away', async () => {
  const tape = copyOf(live, path('leftover.tape'))
  const whole = readFileSync(tableFile(sealed, 'events', 0, 'sealed'))
  writeFileSync(`${tape}/run.json.tmp`, '')
  for (const suffix of ['.tmp', '.4711.tmp'])
    writeFileSync(
      `${tableFile(tape, 'events', 0, 'sealed')}${suffix}`,
      whole.subarray(0, whole.length >> 1),
    )
  expect(await expectSealed(tape)).toHaveLength(9)
})

test('caught between the rename and the removal, the Parquet counts and the live file goes', async () => {
  const tape = copyOf(live, path('both.tape'))
  for (const table of NAMES)
    copyFileSync(tableFile(sealed, table, 1, 'sealed'), tableFile(tape, table, 1, 'sealed'))
  const files = await expectSealed(tape)
  expect(files.map(({ lane }) => lane)).not.toContain(1)
})

test('lanes that are sealed already are left alone', async () => {
  const tape = copyOf(live, path('some.tape'))
  copyFileSync(tableFile(sealed, 'events', 0, 'sealed'), tableFile(tape, 'events', 0, 'sealed'))
  rmSync(tableFile(tape, 'events', 0, 'live'))
  expect(await expectSealed(tape)).toHaveLength(8)
})

test('caught before the manifest, only the manifest is written', async () => {
  const tape = copyOf(sealed, path('manifest.tape'))
  copyFileSync(`${live}/run.json`, `${tape}/run.json`)
  expect(await expectSealed(tape)).toEqual([])
})

test('a log that was cut inside a batch gives its whole batches, and says why it ends', async () => {
  const tape = copyOf(live, path('torn.tape'))
  const log = tableFile(tape, 'events', 2, 'live')
  truncateSync(log, statSync(log).size - 20_000)
  const whole = (await contents(tape))['events-2']!.rows
  const { files } = await sealTape(tape)
  const torn = files.filter(file => file.torn !== undefined)
  expect(torn).toMatchObject([{ table: 'events', lane: 2, rows: whole, torn: 'cut in a batch' }])
  expect(whole).toBeLessThan(rows['events-2']!.rows)
  expect((await contents(tape))['events-2']!.rows).toBe(whole)
})

test('a tape that is still being written is not sealed', async () => {
  const tape = copyOf(live, path('busy.tape'))
  const file = openSync(tableFile(tape, 'health', 1, 'live'), 'a')
  try {
    await expect(sealTape(tape)).rejects.toThrow(`${tape}: process ${process.pid} is still writing`)
    expect(namesIn(tape)).toEqual(namesIn(live))
  } finally {
    closeSync(file)
  }
  await expectSealed(tape)
})

test('a disk that is full in the middle leaves every lane readable, and nothing behind', async () => {
  const tape = copyOf(live, path('full.tape'))
  // The health log fits into the limit, the events do not.
  const run = tokentapeUnder('ulimit -f 16', 'seal', tape)
  expect(await run.exited).toBe(3)
  expect(run.text()).toContain(`error: ${tape}: cannot seal: `)
  expect(run.text()).toContain(`tokentape seal ${tape}`)
  expect(namesIn(tape).filter(name => name.endsWith('.tmp'))).toEqual([])
  expect(Object.values(await contents(tape)).map(file => file.rows)).toEqual(
    Object.values(rows).map(file => file.rows),
  )
  await expectSealed(tape)
})
