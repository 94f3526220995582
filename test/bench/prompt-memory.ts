// What do many prompt tokens cost in memory? node dist/test/bench/prompt-memory.js [--million-tokens 200] [--isl 10000]
// A closed loop of long prompts against the simulator in a process of its own; the figures are the tape's.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { startSimulator } from '../../simulator/child.ts'
import { machine } from './table.ts'

const { values } = parseArgs({
  options: {
    'million-tokens': { type: 'string', default: '200' },
    isl: { type: 'string', default: '10000' },
    concurrency: { type: 'string', default: '20' },
  },
})
const requests = Math.ceil((Number(values['million-tokens']) * 1e6) / Number(values.isl))
const bin = new URL('../../tokentape.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'tokentape-bench-'))
const tape = join(folder, 'a.tape')

console.log(machine())
const server = await startSimulator(['--ttft-ms', '1', '--itl-ms', '1'])
try {
  // biome-ignore format: one flag and its value beside each other
  execFileSync(process.execPath, [
    bin, 'record', '--no-preflight', '--model', 'm', '--streaming', '--isl', values.isl, '--osl', '1', '--url', server.url,
    '--concurrency', values.concurrency, '--request-count', String(requests), '--output', tape,
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const [row] = (
    await connection.runAndReadAll(`
      select sum(input_tokens)::double, sum(body_bytes)::double, count(*)::double,
        (select max(rss_bytes) / 1048576 from '${tape}/health-*.parquet')::double,
        (select (max(at_ns) - min(at_ns)) / 1e9 from '${tape}/health-*.parquet')::double
      from '${tape}/requests-*.parquet'`)
  ).getRowsJS() as number[][]
  const [tokens, bytes, sent, peakMb, seconds] = row!
  console.log(
    `${sent!.toLocaleString('en-US')} requests, ${tokens!.toLocaleString('en-US')} prompt tokens, ` +
      `${(bytes! / 1e9).toFixed(2)} GB of bodies in ${seconds!.toFixed(0)} s: at most ${peakMb!.toFixed(0)} MB resident`,
  )
  connection.closeSync()
  instance.closeSync()
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
