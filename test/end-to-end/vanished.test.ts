import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { liveTape } from '../recorder/seal-tape.ts'
import { type Child, tokentapeProcess, tokentapeUnder } from '../support/child.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { simulator } from '../support/simulator.ts'
import { writeTape } from '../support/tape.ts'

const path = scratch()
let url: string
beforeAll(async () => {
  url = (await simulator('--ttft-ms', '2', '--itl-ms', '1')).url
})

const record = (tape: string): string[] => [
  'record', '--model', 'm', '--streaming', '--isl', '5', '--osl', '10', '--concurrency', '4',
  '--url', url, '--request-count', '1000000', '-o', tape,
] // biome-ignore format: one flag and its value beside each other

async function until(ready: () => boolean, { child }: Child): Promise<void> {
  while (!ready() && child.exitCode === null) await pause(1)
}
const grown = (file: string) => (): boolean => existsSync(file) && statSync(file).size > 5000

/** It ended with a clear error. */
function expectClear({ text }: Child, message: string): void {
  expect(text()).toContain(`error: ${message}`)
  expect(text()).toContain('\n  hint: ')
  expect(text()).not.toMatch(/this is a bug|\n {4}at /)
}

test.each([
  ['removed', (tape: string) => rmSync(tape, { recursive: true })],
  ['renamed', (tape: string) => renameSync(tape, `${tape}-else`)],
])(
  'a tape that is %s while it is recorded ends the run within the second, exit 3',
  async (name, away) => {
    const tape = path(`${name}.tape`)
    const run = tokentapeProcess(...record(tape))
    await until(grown(`${tape}/events-0.arrows`), run)
    away(tape)
    expect(await run.exited).toBe(3)
    expectClear(run, `${tape}: is gone: it was removed or renamed while it was in use`)
    expect(existsSync(tape)).toBe(false)
  },
)

test('what was renamed while it was recorded can be sealed where it is', async () => {
  const tape = path('renamed.tape-else')
  expect((await tokentape('seal', tape)).code).toBe(0)
  expect((await tokentape('report', tape)).code).toBe(0)
})

test('a tape that is removed while it is sealed: exit 3', async () => {
  const tape = liveTape(path('sealing.tape'), 300_000)
  const run = tokentapeProcess('seal', tape)
  await until(() => readdirSync(tape).some(name => name.endsWith('.tmp')), run)
  // At one stroke: files come while a folder is removed.
  renameSync(tape, `${tape}-else`)
  expect(await run.exited).toBe(3)
  expectClear(run, `${tape}: is gone`)
})

test('a tape that is removed while it is read', async () => {
  const tape = await writeTape([{ tokens: [10, 20] }])
  const tapes = await openTapes([tape], { err: () => {} })
  rmSync(tape, { recursive: true })
  await expect(tapes.query('from requests')).rejects.toMatchObject({
    name: 'UserError',
    message: `${tape}: is gone: it was removed or renamed while it was in use`,
  })
  tapes.close()
})

test.each([24, 40, 60, 100, 110])(
  'ulimit -n %i: what it is, and how to raise it; never a bug',
  async files => {
    const tape = path(`files-${files}.tape`)
    const run = tokentapeUnder(
      `ulimit -n ${files}`,
      ...record(tape).map(word => word.replace('1000000', '8')),
    )
    expect([0, 3]).toContain(await run.exited)
    if (run.child.exitCode === 3) {
      expectClear(run, '')
      expect(run.text()).toContain('EMFILE')
      expect(run.text()).toContain('ulimit -n 4096')
    }
  },
)

test('what a recorder that was killed while sealing left is gone after the next sealing', async () => {
  const tape = liveTape(path('killed.tape'), 300_000)
  const copy = path('killed-copy.tape')
  const run = tokentapeProcess('seal', tape)
  await until(() => readdirSync(tape).some(name => name.endsWith('.tmp')), run)
  run.child.kill('SIGKILL')
  await run.exited
  cpSync(tape, copy, { recursive: true })
  expect(readdirSync(copy).some(name => name.endsWith('.tmp'))).toBe(true)
  expect((await tokentape('seal', copy)).code).toBe(0)
  expect(readdirSync(copy).filter(name => name.endsWith('.tmp'))).toEqual([])
})
