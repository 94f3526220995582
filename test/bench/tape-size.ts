// How many bytes does a token take? node dist/test/bench/tape-size.js [--requests 2000] [--words common,uniform]
// A vLLM-shaped stream, 100 at once, 500 tokens each, through the recorder's writer and sealed: with
// --keep raw, with --keep timing, and with lengths only, as a bound from below.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { sealTape } from '../../recorder/seal.ts'
import { type Shape, writeSyntheticTape } from './synthetic-tape.ts'
import { machine } from './table.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '2000' },
    words: { type: 'string', default: 'common,uniform' },
  },
})
const EVENTS_PER_REQUEST = 505
const COLUMNS = ['request_id', 'kind', 'at_ns', 'status', 'n_bytes', 'data']
const events = Number(values.requests) * EVENTS_PER_REQUEST

console.log(`${machine()}; ${values.requests} requests of 500 tokens; bytes per token`)
const cells = (...texts: string[]): string => texts.map(text => text.padStart(10)).join('')
console.log(`${''.padEnd(18)}${cells('live', 'sealed', ...COLUMNS, 'requests', 'health')}`)
for (const words of values.words.split(',') as NonNullable<Shape['words']>[])
  for (const data of ['raw', 'timing', 'none'] as const) {
    const folder = mkdtempSync(join(tmpdir(), 'tokentape-bench-'))
    try {
      const tape = join(folder, 'a.tape')
      const { tokens } = writeSyntheticTape(tape, { events, data, words })
      const liveBytes = bytesIn(tape)
      await sealTape(tape)
      const perToken = (bytes: number): string => (bytes / tokens).toFixed(2)
      const columns = await columnBytes(join(tape, 'events-0.parquet'))
      console.log(
        `${`${data}, ${words}`.padEnd(18)}${cells(
          perToken(liveBytes),
          perToken(bytesIn(tape)),
          ...COLUMNS.map(name => perToken(columns.get(name) ?? 0)),
          perToken(bytesIn(tape, 'requests')),
          perToken(bytesIn(tape, 'health')),
        )}`,
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

function bytesIn(tape: string, prefix = ''): number {
  const names = readdirSync(tape).filter(name => name.startsWith(prefix))
  return names.reduce((sum, name) => sum + statSync(join(tape, name)).size, 0)
}

/** Compressed bytes of each column. */
async function columnBytes(path: string): Promise<Map<string, number>> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const result = await connection.runAndReadAll(`
    select path_in_schema as name, sum(total_compressed_size)::double as bytes
    from parquet_metadata('${path}') group by all`)
  connection.closeSync()
  instance.closeSync()
  return new Map(result.getRowsJS() as [string, number][])
}
