import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/** Something that happened to a request. `at_ns` is a whole number, exact below 2^53: 104 days of run. */
export type EventRow = {
  request_id: number
  kind: string
  at_ns: number
  status: number
  n_bytes: number
  data: Buffer
}

/** What was asked. */
export type RequestRow = {
  request_id: number
  phase: string
  session_id: string | null
  turn: number
  input_tokens: number | null
  requested_output_tokens: number | null
  body_bytes: number
  url: string
}

/** What `run.json` says that numbers depend on. */
export type Run = {
  run_id: string
  started_at_unix_ns: string
  keep: 'raw' | 'timing'
  endpoint: { type: string; streaming: boolean }
  tokenizer: { id: string }
}

/** A tape as it lies on the disk: no row is derived. */
export type TapeRows = { run: Run; events: EventRow[]; requests: RequestRow[] }

/**
 * Reads the rows of a sealed tape, lane after lane, each in the order of its file.
 *
 * @throws Error for a tape of a kind that this second opinion does not read
 */
export async function tapeRows(tape: string): Promise<TapeRows> {
  const run = JSON.parse(readFileSync(join(tape, 'run.json'), 'utf8'))
  if (run.state !== 'sealed') throw new Error(`${tape}: not sealed: tokentape seal ${tape}`)
  if (run.imported) throw new Error(`${tape}: an imported tape has no bytes to decode`)
  if (run.shard.of > 1) throw new Error(`${tape}: one shard of several`)
  const events = await rowsIn<EventRow & { data: Buffer | null }>(tape, 'events')
  const requests = await rowsIn<RequestRow>(tape, 'requests')
  return {
    run,
    events: events.map(row => ({
      ...row,
      at_ns: wholeNumber(row.at_ns),
      data: row.data ?? Buffer.alloc(0),
    })),
    requests: requests.sort((a, b) => a.request_id - b.request_id),
  }
}

async function rowsIn<Row>(tape: string, table: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  const rows: Row[] = []
  try {
    for (const name of readdirSync(tape).sort()) {
      if (!new RegExp(`^${table}-\\d+\\.parquet$`).test(name)) continue
      const path = join(tape, name).replaceAll("'", "''")
      const result = await connection.runAndReadAll(`select * from read_parquet('${path}')`)
      for (const row of result.getRowObjectsJS()) rows.push(row as Row)
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  return rows
}

function wholeNumber(value: number | bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new Error(`${value} ns are beyond 2^53`)
  return number
}
