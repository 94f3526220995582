import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { analyze } from '../support/analyze.ts'
import { tokentape } from '../support/cli.ts'
import { writeTape } from '../support/tape.ts'

const tape = await writeTape(
  Array.from({ length: 30 }, (_, i) => ({ lane: i % 3, sent: i, tokens: [20 + i, 40 + 2 * i] })),
  { manifest: { lanes: 3, outcome: 'completed', tokenizer: { id: 'builtin', digest: '' } } },
)
const derived = join(tape, 'derived')

test('lanes decoded in threads, by the built analyzer, give what one thread gives', async () => {
  const inThread = await analyze('report', tape, '--format', 'json')
  const files = readdirSync(derived, { recursive: true })
  rmSync(derived, { recursive: true })
  const inWorkers = await tokentape('report', tape, '--format', 'json')
  expect(inWorkers).toEqual(inThread)
  expect(readdirSync(derived, { recursive: true })).toEqual(files)
})

test('a lane that cannot be decoded is named, and nothing is left behind', async () => {
  rmSync(derived, { recursive: true, force: true })
  const { writeFileSync, readFileSync } = await import('node:fs')
  const path = join(tape, 'events-1.parquet')
  const bytes = readFileSync(path)
  bytes.fill(0xa5, 100, bytes.length - 1500)
  writeFileSync(path, bytes)
  const { code, err } = await tokentape('report', tape)
  expect({ code, err: err.split('\n')[0] }).toEqual({
    code: 2,
    err: expect.stringMatching(/events-1\.parquet: (cut or )?damaged: /),
  })
  expect(
    readdirSync(tape, { recursive: true }).filter(name => String(name).includes('messages')),
  ).toEqual([])
})
