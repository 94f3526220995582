import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { freePorts } from '../support/free-ports.ts'

const root = resolve(import.meta.dirname, '../..')
const path = scratch()
const readme = readFileSync(`${root}/examples/ci/README.md`, 'utf8')

/** The document's blocks as one script, with a load of seconds and servers that no busy machine confuses. */
async function script(): Promise<string> {
  const [before, after] = await freePorts(2)
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block!)
  const lines = blocks
    .join('')
    .replace('npm ci\n', '')
    .replaceAll('8001', String(before))
    .replaceAll('8002', String(after))
    .replace('--ttft-ms 80', '--ttft-ms 380')
    .replace('--request-rate 20 --request-count 100', '--concurrency 12 --request-count 12')
    .replaceAll('npx tokentape', `'${process.execPath}' '${root}/dist/tokentape.js'`)
  // Whatever happens, no server is left behind.
  return `trap 'kill $(jobs -p) 2>/dev/null' EXIT\n${lines}`
}

const folder = path('clone')
let out: string
beforeAll(async () => {
  mkdirSync(folder)
  cpSync(`${root}/examples`, `${folder}/examples`, { recursive: true })
  writeFileSync(`${folder}/walk.sh`, await script())
  out = (await promisify(execFile)('bash', ['walk.sh'], { cwd: folder })).stdout
}, 120_000)

/** Whether the machine was too busy to record well: then nothing is judged, which is right. */
const notValid = (text: string): boolean => text.includes('not valid')

test('every link leads to a file', () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(match => match[1]!)
  expect(links.filter(link => !existsSync(`${root}/examples/ci/${link}`))).toEqual([])
})

test('the walkthrough ends with exit code 4 and its comment, or says that the runs are not valid', () => {
  const comment = readFileSync(`${folder}/comment.md`, 'utf8')
  const junit = readFileSync(`${folder}/diff.xml`, 'utf8')
  if (notValid(comment)) {
    expect(out).toContain('exit code 5')
    expect(junit).toContain('<error ')
    return
  }
  expect(out).toContain('exit code 4')
  expect(comment).toMatch(/^\*\*tokentape diff\*\* FAIL: time_to_first_token\.p50 slower: /)
  expect(junit).toMatch(/name="time_to_first_token\.p50"><failure message="slower: /)
})

test('the other way round it is faster, and nothing fails', async () => {
  const flags = ['--gate', 'ttft.p50', '--format', 'json']
  const sides = ['--base', `${folder}/tapes/b-*.tape`, '--new', `${folder}/tapes/a-*.tape`]
  const { code, out, err } = await tokentape('diff', ...sides, ...flags)
  if (notValid(err)) {
    expect(code).toBe(5)
    return
  }
  const { rows } = JSON.parse(out)
  expect({ code, row: rows[0] }).toMatchObject({
    code: 0,
    row: { gated: true, verdict: 'faster', base_runs: { length: 5 } },
  })
})
