import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { randomFor } from '../../recorder/random.ts'
import { LANE_TABLES } from '../../schemas/tables.ts'
import { tableFile } from '../../schemas/tape.ts'
import { type Child, tokentapeProcess } from '../support/child.ts'
import { scratch } from '../support/cli.ts'
import {
  contents,
  copyOf,
  digestOf,
  LANES,
  liveTape,
  namesIn,
  SEALED_NAMES,
  sealTape,
} from './seal-tape.ts'

const path = scratch()
const FILES = LANE_TABLES.flatMap(table => LANES.map(lane => [table, lane] as const))

let live: string
let whole: { rows: unknown[]; digest: unknown }
const rowsOfAll = (files: Awaited<ReturnType<typeof contents>>): unknown[] =>
  Object.entries(files).map(([name, { rows }]) => [name, rows])
const rowsIn = async (tape: string): Promise<unknown[]> => rowsOfAll(await contents(tape))
beforeAll(async () => {
  live = liveTape(path('live.tape'), 330_000)
  const sealed = copyOf(live, path('sealed.tape'))
  await sealTape(sealed)
  whole = { rows: await rowsIn(live), digest: await digestOf(sealed) }
})

async function expectWhole(tape: string): Promise<void> {
  await sealTape(tape)
  expect(namesIn(tape)).toEqual(SEALED_NAMES)
  expect(await rowsIn(tape)).toEqual(whole.rows)
  expect(await digestOf(tape)).toBe(whole.digest)
}

/** Looks at the directory without pause until the process has ended or the time is over. */
async function watch(tape: string, { child }: Child, untilMs: number): Promise<string[]> {
  const missing: string[] = []
  while (child.exitCode === null && child.signalCode === null && performance.now() < untilMs) {
    // In this order: a live file that is gone must have left its Parquet behind before.
    for (const [table, lane] of FILES)
      if (
        !existsSync(tableFile(tape, table, lane, 'live')) &&
        !existsSync(tableFile(tape, table, lane, 'sealed'))
      )
        missing.push(`${table}-${lane}`)
    await sleep(0)
  }
  return missing
}

test('a sealing that is killed at any moment has lost nothing, and completes the next time', async () => {
  const random = randomFor(1, 'kill', 0)
  const seen = new Set<string>()
  for (let round = 0; round < 5; round++) {
    const tape = copyOf(live, path(`${round}.tape`))
    const run = tokentapeProcess('seal', tape)
    const started = (): boolean => namesIn(tape).some(name => name.endsWith('.tmp'))
    while (!started() && run.child.exitCode === null) await sleep(1)
    expect(await watch(tape, run, performance.now() + 800 * random())).toEqual([])
    run.child.kill('SIGKILL')
    await run.exited
    const left = await contents(tape)
    for (const { state } of Object.values(left)) seen.add(state)
    expect(rowsOfAll(left)).toEqual(whole.rows)
    await expectWhole(tape)
  }
  expect([...seen].sort()).toEqual(['live', 'sealed'])
})

test('two that seal at once do no harm', async () => {
  const tape = copyOf(live, path('twice.tape'))
  const runs = [tokentapeProcess('seal', tape), tokentapeProcess('seal', tape)]
  const codes = await Promise.all(runs.map(run => run.exited))
  expect(codes).toContain(0)
  await expectWhole(tape)
})
