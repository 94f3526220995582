import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

/** The console's editor: only pages carry it. In what is published it is bundled, as ECharts is. */
const EDITOR = [
  'codemirror',
  '@codemirror/autocomplete',
  '@codemirror/lang-sql',
  '@codemirror/state',
  '@codemirror/view',
]

/** Who may import what: folders and npm packages by name. `node:` built-ins are always allowed. */
const MAY_IMPORT: Record<string, string[]> = {
  schemas: [
    'apache-arrow',
    '@huggingface/tokenizers',
    // Only arrow-scan.ts: see below.
    '@duckdb/node-api',
    '@duckdb/node-bindings',
  ],
  recorder: ['schemas', 'commander', 'undici', 'yaml', '@duckdb/node-api'],
  analyzer: [
    'schemas',
    'apache-arrow',
    'commander',
    '@duckdb/node-api',
    '@duckdb/node-bindings',
    'yaml',
    'echarts',
    ...EDITOR,
    '@napi-rs/canvas',
  ],
  // The tokenizer and the tape format, for --engine and --replay.
  simulator: ['schemas', '@duckdb/node-api'],
}

/** The files that may name DuckDB, outside the analyzer: sealing alone loads it, in a worker of its own. */
const MAY_LOAD_DUCKDB = ['schemas/arrow-scan.ts', 'recorder/seal-worker.ts']

const root = resolve(import.meta.dirname, '..')

type Import = { file: string; target: string; path: string }

function importsOf(folder: string): Import[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .flatMap(name => {
      const file = join(folder, name)
      const text = readFileSync(join(root, file), 'utf8')
      const found = text.matchAll(
        /^(?:import|export|\}) [^'\n]*from '([^']+)'|import\('([^']+)'\)|^import '([^']+)'/gm,
      )
      return [...found].map(match => resolved(file, match[1] ?? match[2] ?? match[3]!))
    })
    .filter(({ target }) => !target.startsWith('node:'))
}

function resolved(file: string, specifier: string): Import {
  if (!specifier.startsWith('.')) {
    const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1)
    return { file, target: name.join('/'), path: specifier }
  }
  const path = relative(root, resolve(root, file, '..', specifier))
  return { file, target: path.split('/')[0]!, path }
}

for (const [folder, allowed] of Object.entries(MAY_IMPORT))
  test(`${folder}/ imports only ${allowed.join(', ') || 'node built-ins'}`, () => {
    const imports = importsOf(folder)
    expect(imports.length).toBeGreaterThan(0)
    expect(imports.filter(({ target }) => target !== folder && !allowed.includes(target))).toEqual(
      [],
    )
  })

test('outside the analyzer only sealing loads DuckDB', () => {
  const files = ['schemas', 'recorder'].flatMap(importsOf)
  const direct = files.filter(({ target }) => target.startsWith('@duckdb/'))
  expect([...new Set(direct.map(({ file }) => file))].sort()).toEqual([...MAY_LOAD_DUCKDB].sort())
  const scans = files.filter(({ path }) => path === 'schemas/arrow-scan.ts')
  expect(scans.map(({ file }) => file)).toEqual(['recorder/seal-worker.ts'])
})

test('the second opinion shares no code with what it checks', () => {
  const imports = importsOf('test/second-opinion')
  expect(imports.length).toBeGreaterThan(0)
  const isOwn = ({ path }: Import): boolean => path.startsWith('test/second-opinion/')
  expect(imports.filter(found => !isOwn(found) && found.target !== '@duckdb/node-api')).toEqual([])
})

test('only figures draw, only pages edit, and what runs in a browser reads no file', () => {
  const files = importsOf('analyzer')
  const outside = (names: string[], ...folders: string[]): Import[] =>
    files.filter(
      ({ file, target }) =>
        names.includes(target) && !folders.some(folder => file.startsWith(folder)),
    )
  expect(outside(['echarts'], 'analyzer/figures/')).toEqual([])
  expect(outside(EDITOR, 'analyzer/page/browser/')).toEqual([])
  const page = files.filter(({ file }) => file.startsWith('analyzer/page/browser/'))
  expect(page.filter(({ target }) => target.startsWith('@duckdb/'))).toEqual([])
})

test('every file of a list folder is in its list', () => {
  for (const folder of [
    'recorder/endpoints',
    'analyzer/formats',
    'analyzer/exports',
    'analyzer/imports',
  ]) {
    const list = readFileSync(join(root, folder, 'index.ts'), 'utf8')
    const files = readdirSync(join(root, folder)).filter(name =>
      /^export const \w+: (Endpoint|Format|Exporter|Importer) =/m.test(
        readFileSync(join(root, folder, name), 'utf8'),
      ),
    )
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter(name => !list.includes(`./${name}`))).toEqual([])
  }
})
