import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scratch, tokentapeAsTyped } from './support/cli.ts'
import { simulator } from './support/simulator.ts'

const root = resolve(import.meta.dirname, '..')
const READMES = [
  'README.md',
  'schemas/README.md',
  'recorder/README.md',
  'recorder/traces/README.md',
  'analyzer/README.md',
  'simulator/README.md',
]
const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts

const path = scratch()

/** The commands of a document's `sh` blocks. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) => block!.trim().split('\n'))

describe.each(READMES)('%s', name => {
  const text = readFileSync(join(root, name), 'utf8')

  test('every link leads to a file', () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(match => match[1]!)
    expect(links.filter(link => !existsSync(join(root, dirname(name), link)))).toEqual([])
  })

  test('every command works as printed', async () => {
    const server = await simulator('--ttft-ms', '2', '--itl-ms', '0.5')
    for (const command of commandsIn(text)) {
      if (command.startsWith('npm ')) {
        // npm ci, the tests and the demo are run by .ci/run: here only that the scripts exist.
        for (const [, script] of command.matchAll(/npm (?:run )?(?!ci\b)(\S+)/g))
          expect(Object.keys(scripts)).toContain(script)
        continue
      }
      expect(command).toMatch(/^npx tokentape /)
      const words = command
        .replaceAll('http://localhost:8000', server.url)
        .replaceAll(/\b([\w-]+\.(?:tapes?|jsonl?|html))\b/g, (_, file) => path(file))

      const split = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, bare]) => quoted ?? bare!,
      )
      const { code, out, err } = await tokentapeAsTyped(...split.slice(2))
      // A gate on a run that this machine was too busy to record well says so: time decides no test.
      if (split[2] === 'check' && code === 5) {
        expect(`${out}${err}`).toContain('not valid')
        continue
      }
      expect({ command, code, err: code === 0 ? '' : err }).toEqual({ command, code: 0, err: '' })
    }
  }, 240_000)
})

test('every verb is in the README', async () => {
  const { out } = await tokentapeAsTyped('--help')
  const verbs = [...out.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(match => match[1]!)
  expect(verbs.length).toBeGreaterThan(3)
  const text = readFileSync(join(root, 'README.md'), 'utf8')
  expect(
    verbs.filter(
      verb =>
        verb !== 'help' && !text.includes(`tokentape ${verb}`) && !text.includes(`run ${verb}`),
    ),
  ).toEqual([])
})
