// Does a recorder's memory stay flat? node dist/test/bench/memory.js [--minutes 10] [--streams 100] [--tokens-per-second 20]
// A steady load against the simulator in a process of its own; the figures are the tape's own health rows.
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
    minutes: { type: 'string', default: '10' },
    streams: { type: 'string', default: '100' },
    'tokens-per-second': { type: 'string', default: '20' },
    'output-tokens': { type: 'string', default: '100' },
  },
})
const bin = new URL('../../tokentape.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'tokentape-bench-'))
const tape = join(folder, 'a.tape')
const TTFT_MS = 50
const itlMs = 1000 / Number(values['tokens-per-second'])
const requestMs = TTFT_MS + itlMs * (Number(values['output-tokens']) - 1)
const requests = Math.ceil((Number(values.minutes) * 60_000) / requestMs) * Number(values.streams)

console.log(machine())
const server = await startSimulator(['--ttft-ms', String(TTFT_MS), '--itl-ms', String(itlMs)])
try {
  // biome-ignore format: one flag and its value beside each other
  execFileSync(process.execPath, [
    bin, 'record', '--no-preflight', '--model', 'm', '--streaming', '--isl', '200', '--osl', values['output-tokens'],
    '--url', server.url, '--concurrency', values.streams, '--request-count', String(requests),
    '--output', tape,
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
  await server.stop()
  await print()
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function print(): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const rows = async (sql: string): Promise<number[][]> =>
    (await connection.runAndReadAll(sql)).getRowsJS() as number[][]
  await connection.run(`
    create view health as
    select at_ns / 6e10 as minute, rss_bytes / 1048576 as rss_mb, reads, sent, gc_major_ns / 1e6 as major_ms
    from '${tape}/health-*.parquet'`)
  const minutes = await rows(`
    select
      floor(minute), min(rss_mb), median(rss_mb), max(rss_mb),
      sum(reads) / 60, sum(sent)::double, sum(major_ms)::double
    from health group by all order by 1`)
  console.log(
    ['minute', 'RSS min', 'median', 'max MB', 'reads/s', 'requests', 'GC ms']
      .map(name => name.padStart(10))
      .join(''),
  )
  for (const cells of minutes) console.log(cells.map(n => n.toFixed(0).padStart(10)).join(''))
  // The first minute warms up: the heap finds its size and code is compiled.
  const slope = await rows('select regr_slope(rss_mb, minute) from health where minute >= 1')
  console.log(`slope after the first minute: ${slope[0]![0]?.toFixed(2) ?? '-'} MB/minute`)
  connection.closeSync()
  instance.closeSync()
}
