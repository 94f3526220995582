import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tokentapeProcess, tokentapeUnder } from '../support/child.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
const flags = (url: string, tape: string) => [
  'record', '--model', 'm', '--streaming', '--isl', '5', '--url', url, '-o', tape,
] // biome-ignore format: one flag and its value beside each other

const manifestOf = (tape: string) => JSON.parse(readFileSync(`${tape}/run.json`, 'utf8'))
const countOf = async (tape: string, kind: string) =>
  (
    await rowsOf(`select count(*)::int as n from '${tape}/events-0.parquet' where kind = '${kind}'`)
  )[0]!['n']

/** Resolves when the recorder has written events: its live file has more than a schema. */
async function recording(tape: string): Promise<void> {
  const { watch, statSync } = await import('node:fs')
  const file = `${tape}/events-0.arrows`
  const grown = (): boolean => existsSync(file) && statSync(file).size > 5000
  if (grown()) return
  const { dirname } = await import('node:path')
  mkdirSync(dirname(tape), { recursive: true })
  await new Promise<void>(resolve => {
    const watcher = watch(dirname(tape), { recursive: true }, () => {
      if (!grown()) return
      watcher.close()
      resolve()
    })
    if (grown()) {
      watcher.close()
      resolve()
    }
  })
}

test('the first Ctrl-C lets those in flight finish, seals and exits 130', async () => {
  const server = await simulator('--ttft-ms', '20', '--itl-ms', '10')
  const tape = path('first/a.tape')
  const run = tokentapeProcess(
    ...flags(server.url, tape),
    '--osl',
    '50',
    '--concurrency',
    '4',
    '--request-count',
    '100000',
  )
  await recording(tape)
  run.child.kill('SIGINT')
  expect(await run.exited).toBe(130)
  expect(run.text()).toContain('press Ctrl-C again')
  expect(manifestOf(tape)).toMatchObject({ state: 'sealed', outcome: 'interrupted' })
  expect(await countOf(tape, 'end')).toBe(await countOf(tape, 'sent'))
  expect(await countOf(tape, 'cancel')).toBe(0)
  expect((await tokentape('report', tape)).code).toBe(0)
})

test('the second Ctrl-C ends those in flight at once, and the tape is sealed', async () => {
  const server = await simulator('--ttft-ms', '10', '--itl-ms', '50')
  const tape = path('second/a.tape')
  // An answer takes hours: only the second signal can end this run.
  const run = tokentapeProcess(
    ...flags(server.url, tape),
    '--osl',
    '200000',
    '--concurrency',
    '4',
    '--benchmark-grace-period',
    '3600',
  )
  await recording(tape)
  run.child.kill('SIGINT')
  await run.says('press Ctrl-C again')
  run.child.kill('SIGINT')
  expect(await run.exited).toBe(130)
  expect(manifestOf(tape).state).toBe('sealed')
  expect(await countOf(tape, 'cancel')).toBe(4)
})

test('a killed recorder leaves a tape that reports and seals', async () => {
  const server = await simulator('--ttft-ms', '10', '--itl-ms', '5')
  const tape = path('killed/a.tape')
  const run = tokentapeProcess(
    ...flags(server.url, tape),
    '--osl',
    '50',
    '--concurrency',
    '4',
    '--request-count',
    '100000',
  )
  await recording(tape)
  run.child.kill('SIGKILL')
  await run.exited
  expect(manifestOf(tape).state).toBe('recording')
  const live = await tokentape('report', tape)
  expect(live.code).toBe(0)
  expect(live.err).toContain(`tokentape seal ${tape}`)
  const sealed = await tokentape('seal', tape)
  expect(sealed).toMatchObject({ code: 0, out: expect.stringContaining('events of lane 0') })
  expect(manifestOf(tape).state).toBe('sealed')
  expect(existsSync(`${tape}/events-0.arrows`)).toBe(false)
  expect((await tokentape('report', tape)).code).toBe(0)
  expect(await tokentape('seal', tape)).toMatchObject({ code: 0, out: `${tape}: sealed already\n` })
})

test('a disk that is full ends the run with a clear error; what was recorded reports', async () => {
  const server = await simulator('--ttft-ms', '1', '--itl-ms', '0.5')
  const tape = path('full/a.tape')
  // A limit on the size of a file fails the write as a full disk does, with another code.
  // 4 MiB hold some 150 answers: many have ended, however slow the machine.
  const run = tokentapeUnder(
    'ulimit -f 4096',
    ...flags(server.url, tape),
    '--osl',
    '100',
    '--concurrency',
    '20',
    '--request-count',
    '100000',
  )
  expect(await run.exited).toBe(3)
  expect(run.text()).toContain(`error: ${tape}/events-0.arrows: cannot write the tape: EFBIG`)
  expect(run.text()).toContain('\n  hint: free the disk')
  expect(manifestOf(tape).state).toBe('recording')
  const report = await tokentape('report', tape)
  expect(report.code).toBe(0)
  expect(report.out).toContain('Time to First Token')
})

// Root writes where others may not.
test.skipIf(process.getuid?.() === 0)(
  'a read-only directory is refused before anything is sent',
  async () => {
    mkdirSync(path('closed'))
    chmodSync(path('closed'), 0o555)
    const run = await tokentape(...flags('http://127.0.0.1:1', path('closed/a.tape')))
    expect(run).toMatchObject({ code: 3, err: expect.stringContaining('cannot make the tape') })
  },
)

test('a path that cannot be a directory is refused before anything is sent', async () => {
  const run = await tokentape(...flags('http://127.0.0.1:1', '/dev/null/a.tape'))
  expect(run).toMatchObject({ code: 3, err: expect.stringContaining('cannot make the tape') })
})
