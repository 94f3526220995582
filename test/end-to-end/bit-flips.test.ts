import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { randomFor } from '../../recorder/random.ts'
import { readManifest } from '../../schemas/tape.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
const whole = path('whole.tape')
const tape = path('a.tape')

/** What reads a tape, in many ways: each is asked of tapes that have one bit wrong. */
const VERBS: string[][] = [
  ['report', tape],
  ['report', tape, '--format', 'json', '--all'],
  ['report', tape, '--as', 'vllm'],
  ['sql', tape, 'select count(*) as n, sum(at_ns) as ns, sum(n_bytes) as bytes from raw_events'],
  ['sql', tape, 'select url, sum(length(text)) as length from raw_scrapes group by all'],
  ['describe', tape],
  ['slices', tape, '--width', '1s'],
  ['goodput', tape, '--slo', 'ttft_ms <= 370'],
  ['requests', tape, '--limit', '3'],
  ['percentiles', tape, '--percentiles', '50'],
  ['check', tape, '--that', 'ttft.p50 < 60s'],
  ['export', tape, '--format', 'csv', '--force', '--output', path('out.csv')],
  ['diff', '--base', tape, '--noise-floor'],
]

beforeAll(async () => {
  const server = await simulator('--ttft-ms', '5', '--itl-ms', '1')
  // biome-ignore format: one flag and its value beside each other
  const { code } = await tokentape(
    'record', '--model', 'm', '--url', server.url, '--streaming', '--concurrency', '4',
    '--request-count', '24', '--isl', '20', '--osl', '12', '--server-metrics', server.url, '-o', whole,
  )
  expect(code).toBe(0)
  await server.stop()
})

function damage(name: string, at: number, bit: number): void {
  rmSync(tape, { recursive: true, force: true })
  cpSync(whole, tape, { recursive: true })
  const bytes = readFileSync(join(tape, name))
  bytes[at]! ^= 1 << bit
  writeFileSync(join(tape, name), bytes)
}

const digested = (): string[] => Object.keys(readManifest(whole).digests ?? {}).sort()

test('a tape has the digest of every file that it is sealed with', () => {
  const names = readdirSync(whole).filter(name => name !== 'run.json' && name !== 'derived')
  expect(names).toContain('scrapes-0.parquet')
  expect(digested()).toEqual(names.sort())
})

test('one bit wrong, anywhere in any file: every verb names the file', async () => {
  const random = randomFor(1, 'bit-flips', 0)
  const tries: [name: string, verb: string[]][] = []
  for (const name of [...digested(), 'run.json'])
    for (let i = 0; i < 10; i++)
      tries.push([
        name,
        VERBS[(tries.length + Math.floor(random() * VERBS.length)) % VERBS.length]!,
      ])
  // The whole of a file's ends too, where Parquet has its magic and its footer's length.
  for (const [name, verb] of tries) {
    const { length } = readFileSync(join(whole, name))
    const at = Math.floor(random() * length)
    const bit = Math.floor(random() * 8)
    damage(name, at, bit)
    const { code, out, err } = await tokentape(...verb)
    const about = `${verb[0]} with bit ${bit} of byte ${at} of ${name}: ${err}`
    expect(code, about).toBe(2)
    expect(out, about).toBe('')
    expect(err, about).toContain(`error: ${join(tape, name)}: `)
    expect(err, about).toContain('\n  hint: ')
  }
})

test('first and last bytes, an empty file, garbage, and no file', async () => {
  for (const name of [...digested(), 'run.json']) {
    const { length } = readFileSync(join(whole, name))
    for (const at of [0, 3, length - 1, length - 5]) {
      damage(name, at, 4)
      const { code, err } = await tokentape('report', tape)
      expect({ code, err }).toEqual({
        code: 2,
        err: expect.stringContaining(`error: ${join(tape, name)}: `),
      })
    }
    for (const content of ['', 'PAR1', 'garbage '.repeat(100)]) {
      writeFileSync(join(tape, name), content)
      const { code, err } = await tokentape('describe', tape)
      expect({ code, err }).toEqual({
        code: 2,
        err: expect.stringContaining(`error: ${join(tape, name)}: `),
      })
    }
    rmSync(join(tape, name))
    const { code, err } = await tokentape('report', tape)
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(name) })
  }
})

test('what opened whole once is still held against its digests once it has changed', async () => {
  damage('run.json', 0, 0)
  cpSync(join(whole, 'run.json'), join(tape, 'run.json'))
  const before = await tokentape('report', tape)
  expect(before.code).toBe(0)
  expect((await tokentape('report', tape)).out).toBe(before.out)
  const file = join(tape, 'events-0.parquet')
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(file, bytes)
  expect(await tokentape('report', tape)).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining(`error: ${file}: cut or damaged: its SHA-256 is `),
  })
})

test('without digests: said once, opened, and no exception for any bit of run.json', async () => {
  damage('run.json', 0, 0)
  const { digests: _files, manifest_sha256: _own, ...plain } = readManifest(whole)
  const text = Buffer.from(JSON.stringify(plain, null, 2))
  writeFileSync(join(tape, 'run.json'), text)
  const note = `note: ${tape}: no digests in run.json, so damage to files can go unnoticed; to add them: tokentape seal ${tape}\n`
  const opened = await tokentape('report', tape)
  expect(opened.code).toBe(0)
  expect(opened.err).toBe(note)
  const random = randomFor(2, 'bit-flips', 0)
  for (let i = 0; i < 40; i++) {
    const bytes = Buffer.from(text)
    bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8)
    writeFileSync(join(tape, 'run.json'), bytes)
    const { code, err } = await tokentape(...VERBS[i % VERBS.length]!)
    expect([0, 2, 4, 5], err).toContain(code)
  }
  writeFileSync(join(tape, 'run.json'), text)
  const sealed = await tokentape('seal', tape)
  expect(sealed.out).toContain('run.json has the digests of its files now')
  expect((await tokentape('report', tape)).err).toBe('')
  expect(readManifest(tape).digests).toEqual(readManifest(whole).digests)
})

const live = fileURLToPath(new URL('../golden/tapes/v1-live.tape', import.meta.url))
const ROWS =
  'select count(*) as n, sum(at_ns) as ns, sum(octet_length(data)) as bytes from raw_events'

test('one bit wrong in the files of a tape that is not sealed: the right answer, a note of the tear, or a fault with its file', async () => {
  const names = readdirSync(live).filter(name => name.endsWith('.arrows'))
  const verbs = [
    ['sql', tape, ROWS],
    ['sql', tape, 'select sum(length(body_digest)) as n, count(hash_ids) as ids from raw_requests'],
    ['report', tape, '--as', 'vllm'],
  ]
  const fresh = (): void => {
    rmSync(tape, { recursive: true, force: true })
    cpSync(live, tape, { recursive: true })
  }
  fresh()
  const right: { out: string; err: string }[] = []
  for (const verb of verbs) right.push(await tokentape(...verb))
  const random = randomFor(3, 'bit-flips', 0)
  for (let i = 0; i < 45; i++) {
    fresh()
    const place = i % verbs.length
    // A report takes as long as ten queries.
    if (place === 2 && i % 9 !== 2) continue
    const name = names[Math.floor(random() * names.length)]!
    const bytes = readFileSync(join(tape, name))
    // Headers of messages, which have no checksum, as often as all that stands behind them.
    const at = Math.floor(random() * (i % 2 === 0 ? Math.min(bytes.length, 2000) : bytes.length))
    const bit = Math.floor(random() * 8)
    bytes[at]! ^= 1 << bit
    writeFileSync(join(tape, name), bytes)
    const { code, out, err } = await tokentape(...verbs[place]!)
    const about = `${verbs[place]![0]} with bit ${bit} of byte ${at} of ${name}: ${err}`
    if (code !== 0)
      expect({ code, err }, about).toMatchObject({
        code: 2,
        err: expect.stringMatching(/error: .*\n {2}hint: /),
      })
    else if (!/the \d+ rows before that are read/.test(err))
      expect(out, about).toBe(right[place]!.out)
  }
})

test('a length that has become 0 is no end where more stands behind it', async () => {
  rmSync(tape, { recursive: true, force: true })
  cpSync(live, tape, { recursive: true })
  const file = join(tape, 'events-0.arrows')
  const bytes = readFileSync(file)
  const second = 8 + bytes.readInt32LE(4)
  expect(bytes.readInt32LE(second)).toBe(-1)
  bytes.writeInt32LE(0, second + 4)
  writeFileSync(file, bytes)
  const { code, err } = await tokentape('sql', tape, ROWS)
  expect(code).toBe(0)
  expect(err).toContain(
    `note: ${file}: an end before the end of the file; the 0 rows before that are read\n`,
  )
})
