// What does it save to follow DuckDB's string pointers? node dist/test/bench/event-source.js
// The same file is read by event-source.ts and by the client's documented calls, in turns; CPU time, the median of 9.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBBlobVector } from '@duckdb/node-api'
import { eventsOf } from '../../analyzer/decode/event-source.ts'
import { DuckDBInstance } from '../../analyzer/duckdb.ts'
import { sealTape } from '../../recorder/seal.ts'
import { tableFile } from '../../schemas/tape.ts'
import { writeSyntheticTape } from './synthetic-tape.ts'
import { machine } from './table.ts'

const ROUNDS = 9
const folder = mkdtempSync(join(tmpdir(), 'event-source-'))
const tape = join(folder, 'one.tape')
writeSyntheticTape(tape, { events: 1e6, data: 'raw' })
await sealTape(tape)
const path = tableFile(tape, 'events', 0, 'sealed')
const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()

/** What a decoder does with an event: it looks at the bytes. */
let seen = 0
const WAYS = {
  async pointers() {
    for await (const { length, data, start, end } of eventsOf(
      { lane: 0, path, state: 'sealed' },
      connection,
    ))
      for (let i = 0; i < length; i++) if (end[i]! > start[i]!) seen += data[i]![start[i]!]!
  },
  async getItemBytes() {
    const result = await connection.stream(
      `select request_id, kind::varchar, at_ns::double, status, data from read_parquet('${path}')
       where kind in ('headers', 'read', 'end', 'error')`,
    )
    for (;;) {
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) return
      const vector = chunk.getColumnVector(4) as DuckDBBlobVector
      for (let i = 0; i < chunk.rowCount; i++) seen += vector.getItemBytes(i)?.[0] ?? 0
    }
  },
}

const cpuMs: Record<string, number[]> = {}
for (let round = 0; round <= ROUNDS; round++)
  for (const [name, read] of Object.entries(WAYS)) {
    const before = process.cpuUsage()
    await read()
    const { user, system } = process.cpuUsage(before)
    // The first of each warms up.
    cpuMs[name] = [...(cpuMs[name] ?? []), ...(round > 0 ? [(user + system) / 1e3] : [])]
  }
console.log(`${machine()}; a million events, ${seen > 0 ? 'all read' : 'none read'}`)
for (const [name, times] of Object.entries(cpuMs))
  console.log(
    `${name.padEnd(14)}${times
      .sort((a, b) => a - b)
      [ROUNDS >> 1]!.toFixed(0)
      .padStart(6)} ms of CPU`,
  )
rmSync(folder, { recursive: true })
