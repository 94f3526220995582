// How fast is a tape decoded, by one thread and by one a lane? node dist/test/bench/decode.js [--millions 1] [--lanes 2]
// Every lane holds the same events: what differs between the rows is only how many threads decode them.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { materialiseMessages } from '../../analyzer/decode/materialise.ts'
import { MESSAGES } from '../../analyzer/decode/messages-table.ts'
import { sealTape } from '../../recorder/seal.ts'
import { arrowScan } from '../../schemas/arrow-scan.ts'
import { TABLES } from '../../schemas/tables.ts'
import { readManifest } from '../../schemas/tape.ts'
import { builtinTokenizer } from '../../schemas/tokenizer.ts'
import { writeSyntheticTape } from './synthetic-tape.ts'
import { machine } from './table.ts'

const { values } = parseArgs({
  options: {
    millions: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '2' },
    decode: { type: 'string' },
    tokens: { type: 'string', default: 'yes' },
  },
})

if (values.decode)
  console.log(JSON.stringify(await decoded(values.decode, values.tokens === 'yes')))
else await run()

async function decoded(tape: string, counted: boolean) {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  connection.registerTableFunction(arrowScan(new Map(), { ...TABLES, messages: MESSAGES }))
  const scratch = mkdtempSync(join(tmpdir(), 'decode-'))
  const started = performance.now()
  const tokenizer = counted ? builtinTokenizer() : undefined
  await materialiseMessages([{ tape, manifest: readManifest(tape), tokenizer }], {
    connection,
    scratch,
    err: console.error,
  })
  const elapsedMs = performance.now() - started
  rmSync(scratch, { recursive: true })
  const { user, system } = process.cpuUsage()
  const peakKb = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]
  return { elapsedMs, cpuMs: (user + system) / 1e3, peakRssMb: Number(peakKb) / 1024 }
}

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'decode-'))
  const events = Number(values.millions) * 1e6
  const one = join(folder, 'one.tape')
  const two = join(folder, 'two.tape')
  writeSyntheticTape(one, { events, data: 'raw' })
  await sealTape(one)
  cpSync(one, two, { recursive: true })
  for (let lane = 1; lane < Number(values.lanes); lane++)
    for (const table of Object.keys(TABLES))
      cpSync(join(one, `${table}-0.parquet`), join(two, `${table}-${lane}.parquet`))
  console.log(`${machine()}; ${values.millions} million events a lane`)
  const line = (...cells: (string | number)[]): void =>
    console.log(cells.map(cell => String(cell).padStart(14)).join(''))
  line('lanes', 'tokens', 'seconds', 'CPU s', 'M events/s', 'peak RSS MB')
  for (const tokens of ['no', 'yes'])
    for (const [tape, lanes] of [
      [one, 1],
      [two, Number(values.lanes)],
    ] as const) {
      rmSync(join(tape, 'derived'), { recursive: true, force: true })
      const self = fileURLToPath(import.meta.url)
      const text = execFileSync(process.execPath, [self, '--decode', tape, '--tokens', tokens], {
        encoding: 'utf8',
      })
      const { elapsedMs, cpuMs, peakRssMb } = JSON.parse(text)
      line(
        lanes,
        tokens,
        (elapsedMs / 1e3).toFixed(2),
        (cpuMs / 1e3).toFixed(2),
        ((lanes * events) / elapsedMs / 1e3).toFixed(2),
        peakRssMb.toFixed(0),
      )
    }
  rmSync(folder, { recursive: true })
}
