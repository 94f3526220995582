import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readManifest } from '../../schemas/tape.ts'
import { writeTape } from '../support/tape.ts'

const tape = await writeTape([{ tokens: [10] }], { digests: false })
const path = join(tape, 'run.json')
const { manifest_sha256: _own, ...whole } = JSON.parse(readFileSync(path, 'utf8'))

test.each([
  ['shard', { index: 0 }],
  ['shard', { index: 0, of: '1' }],
  ['endpoint', { type: 'chat', streaming: 'yes', urls: [], model: 'm' }],
  ['endpoint', { type: 'chat', streaming: true, urls: 'http://localhost', model: 'm' }],
  ['tokenizer', {}],
  ['dataset', { kind: 'synthetic' }],
  ['clock', null],
  ['phases', [{ name: 'profiling', started_ns: 1 }]],
  ['started_at_unix_ns', '9764000000000000000'],
  ['started_at_unix_ns', 1764000000000000],
  ['ended_ns', 1e300],
  ['argv', [1]],
  ['imported', { tool: 'aiperf' }],
  ['digests', { '../run.json': { bytes: 1, sha256: 'a'.repeat(64) } }],
  ['digests', { 'events-0.parquet': { bytes: 1 } }],
])('%s: %j is refused by name, not met later', (name, value) => {
  writeFileSync(path, JSON.stringify({ ...whole, [name]: value }))
  expect(() => readManifest(tape)).toThrow(`${path}: not a tokentape manifest: ${name} is `)
})

test('what a hand wrote opens without digests', () => {
  writeFileSync(path, JSON.stringify(whole))
  expect(readManifest(tape).digests).toBeUndefined()
})
