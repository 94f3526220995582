// Start-up time of the command line: node dist/test/bench/startup.js
// What a verb does not need it must not load: `record --help` without DuckDB is the one to watch.
import { spawnSync } from 'node:child_process'

const bin = new URL('../../tokentape.js', import.meta.url).pathname
const CASES: Record<string, string[]> = {
  'node -e 0': ['-e', '0'],
  'tokentape --help': [bin, '--help'],
  'tokentape record --help': [bin, 'record', '--help'],
  'tokentape report --help': [bin, 'report', '--help'],
  'tokentape simulate --help': [bin, 'simulate', '--help'],
}
const ROUNDS = 9

const medianOf = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!
const times = new Map(Object.keys(CASES).map(name => [name, [] as number[]]))
for (let round = 0; round < ROUNDS; round++)
  for (const [name, args] of Object.entries(CASES)) {
    const startedMs = performance.now()
    spawnSync(process.execPath, args)
    times.get(name)!.push(performance.now() - startedMs)
  }
const bare = medianOf(times.get('node -e 0')!)
console.log(`Node ${process.version}, median of ${ROUNDS}`)
for (const [name, values] of times) {
  const ms = medianOf(values)
  console.log(
    `${name.padEnd(28)} ${ms.toFixed(0).padStart(5)} ms  ${(ms / bare).toFixed(2)} x bare node`,
  )
}
