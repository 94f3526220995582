import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tapeDigests, verifyTape } from '../../schemas/digests.ts'
import { readManifest, writeManifest } from '../../schemas/tape.ts'
import { writeTape } from '../support/tape.ts'

const sealed = () => writeTape([{ sent: 0, tokens: [60, 80] }])
const verify = (tape: string) => verifyTape(tape, readManifest(tape))

/** Flips one bit, and leaves the file's times as they were. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at]! ^= 1
  writeFileSync(path, bytes)
}

async function refusal(tape: string): Promise<string> {
  const error = await verify(tape).then(
    () => expect.fail('it is said to be whole'),
    reason => reason,
  )
  expect(error.name).toBe('UserError')
  return error.message.replaceAll(tape, 'TAPE')
}

test('a sealed tape is what its digests say; a live one and an older one have none', async () => {
  expect(await verify(await sealed())).toBe(true)
  expect(await verify(await writeTape([], { state: 'live' }))).toBe(false)
  expect(await verify(await writeTape([], { digests: false }))).toBe(false)
})

test('one bit, one byte, a file too few, a file too many, a folder in its place', async () => {
  const tape = await sealed()
  const file = join(tape, 'health-0.parquet')
  const away = join(tape, 'away')
  cpSync(file, away)
  flip(file, 100)
  expect(await refusal(tape)).toMatch(
    /^TAPE\/health-0\.parquet: cut or damaged: its SHA-256 is [0-9a-f]{64}, run\.json says [0-9a-f]{64}$/,
  )
  truncateSync(file, 50)
  expect(await refusal(tape)).toMatch(
    /^TAPE\/health-0\.parquet: cut or damaged: it has 50 bytes, run\.json says \d+$/,
  )
  rmSync(file)
  expect(await refusal(tape)).toMatch(/^TAPE\/health-0\.parquet: .* it is not there/)
  mkdirSync(file)
  expect(await refusal(tape)).toMatch(/^TAPE\/health-0\.parquet: .* it is no file$/)
  rmSync(file, { recursive: true })
  cpSync(away, join(tape, 'health-1.parquet'))
  renameSync(away, file)
  expect(await refusal(tape)).toBe('TAPE/health-1.parquet: was not there when the tape was sealed')
  rmSync(join(tape, 'health-1.parquet'))
  expect(await verify(tape)).toBe(true)
})

test('a file is read once: what the file system says of it is remembered', async () => {
  const tape = await sealed()
  expect(await verify(tape)).toBe(true)
  const place = join(tape, 'derived', 'verified.json')
  const remembered = JSON.parse(readFileSync(place, 'utf8'))
  expect(Object.keys(remembered).sort()).toEqual(Object.keys(await tapeDigests(tape)).sort())

  const file = join(tape, 'events-0.parquet')
  flip(file, 200)
  expect(await refusal(tape)).toContain('TAPE/events-0.parquet: cut or damaged')
  // Only by what is remembered could it pass, so it is not read where that agrees.
  const { size, mtimeNs, ctimeNs, ino } = statSync(file, { bigint: true })
  const [sha256] = remembered['events-0.parquet'].split(' ')
  remembered['events-0.parquet'] =
    `${sha256} bytes ${size} mtime_ns ${mtimeNs} ctime_ns ${ctimeNs} inode ${ino}`
  writeFileSync(place, JSON.stringify(remembered))
  expect(await verify(tape)).toBe(true)
  for (const garbled of ['null', '[]', '{"events-0.par', '{}']) {
    writeFileSync(place, garbled)
    expect(await refusal(tape)).toContain('TAPE/events-0.parquet')
  }
})

test('where nothing can be kept, files are held against their digests all the same', async () => {
  const tape = await sealed()
  writeFileSync(join(tape, 'derived'), 'in the way')
  expect(await verify(tape)).toBe(true)
  flip(join(tape, 'requests-0.parquet'), 300)
  expect(await refusal(tape)).toContain('TAPE/requests-0.parquet: cut or damaged')
  expect(readFileSync(join(tape, 'derived'), 'utf8')).toBe('in the way')
})

test('run.json proves itself: any other word in it is damage, another layout is none', async () => {
  const tape = await sealed()
  const path = join(tape, 'run.json')
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, JSON.stringify(JSON.parse(text)))
  expect(readManifest(tape).run_id).toBe('a')
  for (const [from, to] of [
    ['1764000000000000000', '1764000000000000001'],
    ['"concurrency": 1', '"concurrency": 3'],
    ['"sealed"', '"recording"'],
    ['"seed": 0', '"seed": 8'],
    ['"manifest_sha256"', '"manifest_sha257"'],
  ] as const) {
    expect(text).toContain(from)
    writeFileSync(path, text.replace(from, to))
    expect(() => readManifest(tape), from).toThrow(`${path}: damaged: `)
  }
})

test('what cannot be written as a manifest leaves nothing behind', async () => {
  const tape = await sealed()
  const manifest = readManifest(tape)
  rmSync(join(tape, 'run.json'))
  mkdirSync(join(tape, 'run.json'))
  expect(() => writeManifest(tape, manifest)).toThrow(`${tape}: cannot write run.json: EISDIR`)
  expect(existsSync(tape) && statSync(join(tape, 'run.json')).isDirectory()).toBe(true)
  rmSync(tape, { recursive: true })
  expect(() => writeManifest(tape, manifest)).toThrow(`${tape}: is gone`)
})
