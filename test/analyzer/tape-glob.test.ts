import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expandTapes } from '../../analyzer/tape-glob.ts'
import { scratch } from '../support/cli.ts'

const path = scratch()
for (const name of ['a1.tape', 'a2.tape', 'b1.tape', '.a3.tape', 'odd[1].tape']) {
  mkdirSync(path(name))
  writeFileSync(path(`${name}/run.json`), '{}')
}
mkdirSync(path('a-folder.tape'))
writeFileSync(path('a-file.tape'), '')

test.each([
  ['a*.tape', ['a1.tape', 'a2.tape']],
  ['?1.tape', ['a1.tape', 'b1.tape']],
  ['[b-z]*', ['b1.tape', 'odd[1].tape']],
  ['[!b-z]*', ['a1.tape', 'a2.tape']],
  ['../*/a1.tape', ['a1.tape']],
  ['odd[1].tape', ['odd[1].tape']],
  ['no-pattern.tape', ['no-pattern.tape']],
])('%s', (pattern, names) => {
  const found = expandTapes([path(pattern)])
  const own = found.filter(name => name.startsWith(path('')))
  expect(own).toEqual(names.map(name => path(name)))
})

test('a pattern without a tape is an error', () => {
  for (const pattern of ['z*', 'a-*', '*/nothing*'])
    expect(() => expandTapes([path(pattern)])).toThrow(/matches no tape/)
})
