import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { scratch } from '../support/cli.ts'

const root = resolve(import.meta.dirname, '../..')
const path = scratch()
const run = promisify(execFile)

/** A package of somebody else's that has tokentape installed. */
function dependent(source: string): string {
  const folder = path('dependent')
  mkdirSync(`${folder}/node_modules/@types`, { recursive: true })
  symlinkSync(root, `${folder}/node_modules/tokentape`)
  symlinkSync(`${root}/node_modules/@types/node`, `${folder}/node_modules/@types/node`)
  writeFileSync(`${folder}/package.json`, '{ "type": "module" }')
  const strict = {
    strict: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
  }
  writeFileSync(
    `${folder}/tsconfig.json`,
    JSON.stringify({
      compilerOptions: { ...strict, target: 'es2023', module: 'nodenext', types: ['node'] },
      files: ['example.ts'],
    }),
  )
  writeFileSync(`${folder}/example.ts`, source)
  cpSync(`${root}/test/golden/tapes/v1.tape`, `${folder}/a.tape`, { recursive: true })
  return folder
}

test("the README's example is typed, and prints what it says", async () => {
  const readme = readFileSync(`${root}/analyzer/README.md`, 'utf8')
  const [, example] = /^```ts\n([\s\S]*?)^```/m.exec(readme)!
  // A name that the types do not have must be an error, or they are not there.
  const folder = dependent(
    `${example}\n// @ts-expect-error\ntapes.nothing\n// @ts-expect-error\nconst n: string = tapes.runs\n`,
  )
  await run(process.execPath, [`${root}/node_modules/typescript/bin/tsc`], { cwd: folder })
  writeFileSync(
    `${folder}/example.js`,
    readFileSync(`${folder}/example.js`, 'utf8').replace(/tapes\.nothing;?/, ''),
  )
  const { stdout } = await run(process.execPath, ['example.js'], { cwd: folder })
  // As the command line says of the golden tape: test/golden/v1.txt.
  expect(stdout).toMatchInlineSnapshot(`
    "not valid 13 56.91715
    0.5416666666666666
    1
    http_error 8,ok 13,broken_stream 3
    "
  `)
})

test('what it names is what is packed', () => {
  const { exports, files } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  for (const target of Object.values<string>(exports['.']))
    expect(files.some((name: string) => target.startsWith(`./${name}/`))).toBe(true)
})
