import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../support/tokenizers.ts'

const BYTES = 200e6

/** Reads a file in a process of its own, whose peak memory is known. */
const CHILD = `
const [file, root] = process.argv.slice(1)
const { workloadPlanOf } = await import(root + '/dist/recorder/workloads/workload-flags.js')
const { workloadOf } = await import(root + '/dist/recorder/workloads/workload-of.js')
const { builtinTokenizer } = await import(root + '/dist/schemas/tokenizer.js')
const start = performance.now()
const made = workloadOf(workloadPlanOf({ inputFile: file }), builtinTokenizer(), {
  seed: 1,
  promptSeed: 1,
})
const readMs = performance.now() - start
const last = made.session(made.size - 1).turns[0].texts[0].slice(0, 20)
console.log(JSON.stringify({ size: made.size, last, readMs, peakMb: process.resourceUsage().maxRSS / 1024 }))
`

test('a file of 200 MB is read without being held', () => {
  const file = join(temporaryFolder(), 'big.jsonl')
  const descriptor = openSync(file, 'w')
  const filler = 'some words of a long prompt '.repeat(70)
  let nRows = 0
  for (let n = 0; n < BYTES; ) {
    const rows = Array.from({ length: 500 }, () => `{"text":"row ${nRows++} ${filler}"}\n`).join('')
    n += writeSync(descriptor, rows)
  }
  closeSync(descriptor)
  const root = new URL('../../..', import.meta.url).pathname
  const found = JSON.parse(
    execFileSync('node', ['--input-type=module', '-e', CHILD, file, root], { encoding: 'utf8' }),
  )
  console.log(
    `200 MB, ${nRows} rows: ${(found.readMs / 1000).toFixed(1)} s, peak ${found.peakMb.toFixed(0)} MB`,
  )
  expect(found.size).toBe(nRows)
  expect(found.last).toContain(`row ${nRows - 1} `)
  expect(found.peakMb).toBeLessThan(200)
})
