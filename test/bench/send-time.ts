// How exactly requests leave: node dist/test/bench/send-time.js [seconds]
// An open loop at constant rates; lateness is `sent` minus `scheduled`, read from the tape. Medians of rounds.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { startSimulator } from '../../simulator/child.ts'
import { main } from '../../tokentape.ts'

const SECONDS = Number(process.argv[2] ?? 6)
const RATES = [100, 500, 2000, 5000]
const ROUNDS = 5

const folder = mkdtempSync(join(tmpdir(), 'tokentape-send-'))
const instance = await DuckDBInstance.create(':memory:')
const connection = await instance.connect()
const server = await startSimulator(['--ttft-ms', '1', '--itl-ms', '1'])

type Round = { p50Us: number; p99Us: number; maxUs: number; rateRatio: number; coreRatio: number }

async function round(rate: number, index: number): Promise<Round> {
  const tape = join(folder, `${rate}-${index}.tape`)
  // biome-ignore format: one flag and its value beside each other
  const code = await main([
    'record', '--no-preflight', '--model', 'm', '--url', server.url, '--streaming', '--isl', '20', '--osl', '1', '--lanes', '1',
    '--request-rate', String(rate), '--arrival-pattern', 'constant', '--benchmark-duration', String(SECONDS), '-o', tape,
  ], { out: () => {}, err: () => {} })
  if (code !== 0) throw new Error(`record ended with ${code}`)
  const { phases } = JSON.parse(readFileSync(join(tape, 'run.json'), 'utf8'))
  const spanNs = phases[0].ended_ns - phases[0].started_ns
  const [row] = (
    await connection.runAndReadAll(`
      with r as (
        select request_id,
          min(at_ns) filter (kind = 'scheduled') as due, min(at_ns) filter (kind = 'sent') as sent
        from '${tape}/events-0.parquet' group by all
      )
      select quantile_cont(sent - due, 0.5) / 1e3 as p50, quantile_cont(sent - due, 0.99) / 1e3 as p99,
        max(sent - due) / 1e3 as latest,
        (count(*) - 1) / ((max(sent) - min(sent)) / 1e9) / ${rate} as rate_ratio,
        (select sum(cpu_lane_ns) from '${tape}/health-0.parquet') / ${spanNs} as core_ratio
      from r where due is not null`)
  ).getRowObjectsJS()
  return {
    p50Us: Number(row!['p50']),
    p99Us: Number(row!['p99']),
    maxUs: Number(row!['latest']),
    rateRatio: Number(row!['rate_ratio']),
    coreRatio: Number(row!['core_ratio']),
  }
}

/** How late a thread that does nothing but sleep until due times is woken here: what no sender can beat. */
function bareWake(rate: number): { p50Us: number; p99Us: number } {
  const cell = new Int32Array(new SharedArrayBuffer(4))
  const lateUs: number[] = []
  let dueMs = performance.now() + 5
  for (let i = 0; i < rate * SECONDS; i++) {
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) Atomics.wait(cell, 0, 0, waitMs)
    lateUs.push((performance.now() - dueMs) * 1000)
    dueMs += 1000 / rate
  }
  lateUs.sort((a, b) => a - b)
  return { p50Us: lateUs[lateUs.length >> 1]!, p99Us: lateUs[Math.floor(lateUs.length * 0.99)]! }
}

const medianOf = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!
console.log(
  `Node ${process.version}, medians of ${ROUNDS} rounds of ${SECONDS} s, simulator on the same machine`,
)
console.log(
  'rate/s   p50 µs   p99 µs   max µs   achieved/asked   cores of the lane   a bare sleeper p50, p99 µs',
)
try {
  for (const rate of RATES) {
    const rounds: Round[] = []
    const bare: { p50Us: number; p99Us: number }[] = []
    for (let i = 0; i < ROUNDS; i++) {
      rounds.push(await round(rate, i))
      bare.push(bareWake(rate))
    }
    const of = (key: keyof Round): number => medianOf(rounds.map(each => each[key]))
    console.log(
      [
        String(rate).padStart(6),
        of('p50Us').toFixed(0).padStart(8),
        of('p99Us').toFixed(0).padStart(8),
        of('maxUs').toFixed(0).padStart(8),
        of('rateRatio').toFixed(5).padStart(16),
        of('coreRatio').toFixed(2).padStart(19),
        medianOf(bare.map(({ p50Us }) => p50Us))
          .toFixed(0)
          .padStart(14),
        medianOf(bare.map(({ p99Us }) => p99Us))
          .toFixed(0)
          .padStart(8),
      ].join(' '),
    )
  }
} finally {
  await server.stop()
  connection.closeSync()
  instance.closeSync()
  rmSync(folder, { recursive: true, force: true })
}
