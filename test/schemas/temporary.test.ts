import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { removeAbandoned, temporaryFolder, temporaryName } from '../../schemas/temporary.ts'
import { start } from '../support/child.ts'
import { scratch } from '../support/cli.ts'

const path = scratch()
mkdirSync(path(''), { recursive: true })
const MODULE = new URL('../../dist/schemas/temporary.js', import.meta.url).href

/** What a process leaves that makes a folder and a file and is killed. */
async function leftBy(folder: string): Promise<string[]> {
  const code = `
    import { writeFileSync } from 'node:fs'
    import { temporaryFolder, temporaryName } from '${MODULE}'
    const { path } = temporaryFolder('${folder}', '.messages-')
    writeFileSync(path + '/half.parquet', 'half')
    writeFileSync(temporaryName('${folder}/run.json'), '')
    console.log('made')
    setInterval(() => {}, 1000)`
  const run = start(process.execPath, ['--input-type=module', '-e', code])
  await run.says('made')
  const left = readdirSync(folder)
  expect(left).toHaveLength(2)
  // It is alive: what is its own stays.
  removeAbandoned(folder)
  expect(readdirSync(folder)).toEqual(left)
  run.child.kill('SIGKILL')
  await run.exited
  return left
}

test('what a killed process left goes when the next one makes a folder there, and nothing else', async () => {
  const folder = path('tape')
  mkdirSync(folder)
  const left = await leftBy(folder)
  writeFileSync(join(folder, 'run.json'), '{}')
  writeFileSync(join(folder, 'notes.tmp'), 'mine')
  writeFileSync(join(folder, 'tokentape-1-2.tmp'), 'mine')
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(left))
  const own = temporaryFolder(folder)
  const kept = [basename(own.path), 'notes.tmp', 'run.json', 'tokentape-1-2.tmp']
  expect(readdirSync(folder).sort()).toEqual(kept.sort())
  own.remove()
  expect(existsSync(own.path)).toBe(false)
})

test('a later process of the same number is another', () => {
  const folder = path('reused')
  mkdirSync(folder)
  const mine = temporaryName(join(folder, 'a'))
  const earlier = mine.replace(/-\d+-([0-9a-f]{8})\.tmp$/, '-1-$1.tmp')
  writeFileSync(mine, '')
  writeFileSync(earlier, '')
  removeAbandoned(folder)
  expect(readdirSync(folder)).toEqual([basename(mine)])
})

test("of another machine's processes nothing is known: what they made goes after a week", () => {
  const folder = path('shared')
  mkdirSync(folder)
  const other = join(folder, 'a.tokentape-1-2-00000000.tmp')
  writeFileSync(other, '')
  removeAbandoned(folder)
  expect(existsSync(other)).toBe(true)
  utimesSync(other, 0, Date.now() / 1000 - 8 * 24 * 3600)
  removeAbandoned(folder)
  expect(existsSync(other)).toBe(false)
  rmSync(folder, { recursive: true })
  // No folder: nothing to remove.
  removeAbandoned(folder)
})
