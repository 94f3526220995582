// What it costs that a tape proves itself: node dist/test/bench/digests.js [MB]
// SHA-256 of a file in the page cache; a tape of the demo's size opened the first time and again. Medians of 20.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileDigest, verifyTape } from '../../schemas/digests.ts'
import { readManifest } from '../../schemas/tape.ts'
import { startSimulator } from '../../simulator/child.ts'
import { main } from '../../tokentape.ts'
import { machine } from './table.ts'

const MB = Number(process.argv[2] ?? 800)
const ROUNDS = 20
const folder = mkdtempSync(join(tmpdir(), 'tokentape-bench-'))
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!

async function timed(work: () => Promise<unknown>): Promise<{ ms: number; cpuMs: number }> {
  const startedMs = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { ms: performance.now() - startedMs, cpuMs: (user + system) / 1e3 }
}

console.log(machine())
const file = join(folder, 'file')
writeFileSync(file, Buffer.alloc(MB * 1e6, 'tokentape'))
await fileDigest(file)
const hashed = await timed(() => fileDigest(file))
console.log(
  `${MB} MB hashed: ${hashed.cpuMs.toFixed(0)} ms of CPU, ${hashed.ms.toFixed(0)} ms by the clock`,
)

const server = await startSimulator(['--ttft-ms', '5', '--itl-ms', '1'])
const tape = join(folder, 'a.tape')
const silent = { out() {}, err() {} }
// biome-ignore format: one flag and its value beside each other
await main([
  'record', '--no-preflight', '--model', 'm', '--url', server.url, '--streaming', '--isl', '200', '--osl', '100',
  '--concurrency', '20', '--request-count', '200', '-o', tape,
], silent)
await server.stop()
const manifest = readManifest(tape)
const [first, again]: number[][] = [[], []]
for (let round = 0; round < ROUNDS; round++) {
  rmSync(join(tape, 'derived'), { recursive: true, force: true })
  // A fresh inode: what this process remembers of the tape does not count.
  copyFileSync(join(tape, 'events-0.parquet'), join(folder, 'copy'))
  rmSync(join(tape, 'events-0.parquet'))
  copyFileSync(join(folder, 'copy'), join(tape, 'events-0.parquet'))
  first!.push((await timed(() => verifyTape(tape, manifest))).ms)
  again!.push((await timed(() => verifyTape(tape, manifest))).ms)
}
const bytes = Object.values(manifest.digests!).reduce((sum, { bytes }) => sum + bytes, 0)
console.log(
  `a tape of ${Object.keys(manifest.digests!).length} files, ${(bytes / 1e6).toFixed(2)} MB: opened the first time ${median(first!).toFixed(2)} ms, again ${median(again!).toFixed(2)} ms`,
)
rmSync(folder, { recursive: true })
