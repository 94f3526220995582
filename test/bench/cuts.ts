// Is a tape that was cut anywhere recovered? node dist/test/bench/cuts.js [--cuts 1000] [--seed 1] [--requests 60]
// Each round cuts all live files of a tape at random bytes, seals, and compares what the Parquet files
// hold with what the whole batches before the cuts held: nothing less, nothing else.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { randomFor } from '../../recorder/random.ts'
import { sealTape } from '../../recorder/seal.ts'
import { readArrowLog } from '../../schemas/arrow-log.ts'
import { arrowScan } from '../../schemas/arrow-scan.ts'
import { LANE_TABLES, TABLES, type TableName } from '../../schemas/tables.ts'
import { MANIFEST, tableFile } from '../../schemas/tape.ts'
import { writeSyntheticTape } from './synthetic-tape.ts'
import { machine } from './table.ts'

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '60' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'tokentape-bench-'))
const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
const connection = await instance.connect()
connection.registerTableFunction(arrowScan(new Map()))
const tables = LANE_TABLES

try {
  const whole = join(folder, 'whole.tape')
  writeSyntheticTape(whole, { events: Number(values.requests) * 505, data: 'raw', streams: 20 })
  const ends = new Map(tables.map(table => [table, batchEnds(whole, table)]))
  // The rows of a table in the order of the log, with their place in it: what a cut must give back.
  for (const table of tables)
    await connection.run(`
      create table ${table} as
      select row_number() over () as place, * from read_arrow_log('${live(whole, table)}', '${table}')`)
  console.log(machine())
  const random = randomFor(Number(values.seed), 'cuts', 0)
  const started = performance.now()
  const rows = { recovered: 0, cutOff: 0 }
  let torn = 0
  let sealMs = 0
  for (let n = 0; n < Number(values.cuts); n++) {
    const tape = join(folder, 'cut.tape')
    rmSync(tape, { recursive: true, force: true })
    mkdirSync(tape)
    copyFileSync(join(whole, MANIFEST), join(tape, MANIFEST))
    const expected = new Map<TableName, { rows: number; isTorn: boolean }>()
    for (const table of tables) {
      copyFileSync(live(whole, table), live(tape, table))
      const bytes = statSync(live(whole, table)).size
      const at = Math.floor(random() * (bytes + 1))
      truncateSync(live(tape, table), at)
      const before = ends.get(table)!.filter(({ offset }) => offset <= at)
      const last = before.at(-1) ?? { offset: 0, rows: 0 }
      // A cut right behind a message (or the end mark) leaves a log that is whole as far as it goes.
      expected.set(table, { rows: last.rows, isTorn: at !== last.offset && at !== bytes })
    }
    const { files, elapsedMs } = await sealTape(tape)
    sealMs += elapsedMs
    for (const table of tables) {
      const file = files.find(each => each.table === table)!
      const wanted = expected.get(table)!
      if (file.rows !== wanted.rows || (file.torn !== undefined) !== wanted.isTorn)
        throw new Error(`cut ${n}: ${JSON.stringify({ file, wanted })}`)
      if (file.torn) torn++
      await compareRows(n, table, tableFile(tape, table, 0, 'sealed'), wanted.rows)
      rows.recovered += file.rows
      rows.cutOff += ends.get(table)!.at(-1)!.rows - file.rows
    }
    if (readdirSync(tape).length !== tables.length + 1)
      throw new Error(`cut ${n}: left behind: ${readdirSync(tape)}`)
  }
  console.log(
    `${values.cuts} cuts of ${tables.length} files each, seed ${values.seed}: every whole batch recovered, nothing else\n` +
      `${rows.recovered} rows recovered, ${rows.cutOff} were behind the cuts; ${torn} files torn inside a message\n` +
      `seal ${(sealMs / Number(values.cuts)).toFixed(0)} ms a tape, ${((performance.now() - started) / 1e3).toFixed(0)} s in all`,
  )
} finally {
  connection.closeSync()
  instance.closeSync()
  rmSync(folder, { recursive: true, force: true })
}

function live(tape: string, table: TableName): string {
  return tableFile(tape, table, 0, 'live')
}

/** Where each message of a log ends, and how many rows there are up to it. */
function batchEnds(tape: string, table: TableName): { offset: number; rows: number }[] {
  let rows = 0
  const ends = [{ offset: schemaEnd(live(tape, table)), rows }]
  for (const { length, endOffset } of readArrowLog(live(tape, table), TABLES[table])) {
    rows += length
    ends.push({ offset: endOffset, rows })
  }
  return ends
}

/** The schema comes first and has no body: 8 bytes that say how long it is, and it. */
function schemaEnd(path: string): number {
  return 8 + readFileSync(path).readInt32LE(4)
}

async function compareRows(n: number, table: TableName, sealed: string, rows: number) {
  const result = await connection.runAndReadAll(`
    select count(*)::int from (
      (select * exclude place from ${table} where place <= ${rows} except all from '${sealed}')
      union all
      (from '${sealed}' except all select * exclude place from ${table} where place <= ${rows}))`)
  const differing = result.getRowsJS()[0]![0]
  if (differing !== 0) throw new Error(`cut ${n}: ${differing} rows of ${table} differ`)
}
