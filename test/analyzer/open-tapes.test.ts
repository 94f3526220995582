import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { type RequestLiteral, words, writeTape } from '../support/tape.ts'

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
  expect(folder).toMatch(/messages-v3-f00dfacecafe$/)
  expect(readdirSync(folder)).toEqual(['messages-0.parquet', 'messages-1.parquet'])
  writeFileSync(join(folder, 'messages-1.parquet'), 'no parquet')
  expect(await messages()).toEqual(first)
  rmSync(join(tape, 'derived'), { recursive: true })
  expect(await messages()).toEqual(first)
  expect(readdirSync(join(tape, 'derived'))).toEqual(['messages-v3-f00dfacecafe', 'verified.json'])
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
