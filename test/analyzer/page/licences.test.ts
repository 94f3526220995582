import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

test('the script of a report says whose code it contains, under which licence', () => {
  const script = read('dist/analyzer/page/assets/report.js')
  const comment = /^\/\*!(.*?)\*\//s.exec(script)![1]!
  expect(comment).toMatch(/echarts \d+\.\d+\.\d+ \(Apache-2\.0\)/)
  expect(comment).toContain('Copyright 2017-')
  expect(comment).toContain('https://www.apache.org/licenses/LICENSE-2.0')
  expect(comment).toMatch(/zrender \d+\.\d+\.\d+ \(BSD-3-Clause\)/)
  expect(comment).toContain('Redistributions in binary form must reproduce')
  // What d3 gave to ECharts.
  expect(comment).toContain('Mike Bostock')
  expect(comment).not.toContain('codemirror')
  expect(read('dist/analyzer/page/assets/explore.js').slice(0, 60_000)).toContain(
    '@codemirror/view',
  )
})

test('the licences of all that is bundled are published in full', () => {
  const texts = read('dist/THIRD-PARTY.txt')
  for (const name of ['echarts', 'zrender', 'apache-arrow', 'flatbuffers', 'codemirror', 'tslib'])
    expect(texts).toMatch(new RegExp(`^${name} \\d`, 'm'))
  expect(texts).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION')
  expect(texts).toContain('Marijn Haverbeke')
  const { files, license } = JSON.parse(read('package.json'))
  expect([files.includes('dist/THIRD-PARTY.txt'), license]).toEqual([true, 'Apache-2.0'])
})
