import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { tokentapeVersion } from '../../schemas/version.ts'
import { analyze } from '../support/analyze.ts'

const GOLDEN = new URL('../golden/tapes/', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'compatibility-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A copy, since opening a tape writes beside it. */
function copyOf(name: string): string {
  const tape = join(folder, name)
  cpSync(join(GOLDEN, name), tape, { recursive: true })
  return tape
}

const tapes = readdirSync(GOLDEN).filter(name => name.endsWith('.tape'))

test('there is a sealed and a live tape of version 1', () => {
  expect(tapes).toEqual(['v1-live.tape', 'v1.tape'])
})

test.each(tapes)('%s opens and reports as it ever did', async name => {
  const tape = copyOf(name)
  const text = await analyze('report', tape)
  expect(text.code).toBe(0)
  expect(text.err.replaceAll(tape, name)).toBe(
    name === 'v1.tape'
      ? `note: ${name}: no digests in run.json, so damage to files can go unnoticed; to add them: tokentape seal ${name}\n`
      : `note: ${name}: not sealed: read as it is; to seal it: tokentape seal ${name}\n`,
  )
  const stem = name.replace('.tape', '')
  await expect(text.out.replaceAll(tape, name)).toMatchFileSnapshot(`../golden/${stem}.txt`)
  const json = await analyze('report', tape, '--format', 'json')
  await expect(
    json.out.replaceAll(tape, name).replace(tokentapeVersion(), 'VERSION'),
  ).toMatchFileSnapshot(`../golden/${stem}.json`)
})

test.each(tapes)('%s, from before the column was added, has nothing blanked', async name => {
  const query = 'select count(*) > 0 as has_rows, count(blanked_bytes) as n from raw_events'
  const { code, out } = await analyze('sql', copyOf(name), query, '--format', 'json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual([{ has_rows: true, n: 0 }])
})

test('a tape of a newer format is refused with what to do', async () => {
  const tape = copyOf('v1.tape')
  const path = join(tape, 'run.json')
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('"format_version": 1', '"format_version": 2'),
  )
  expect(await analyze('report', tape)).toEqual({
    code: 2,
    out: '',
    err: `error: ${tape}: written in tape format 2, this tokentape reads 1 to 1\n  hint: upgrade it: npm install tokentape@latest\n`,
  })
})
