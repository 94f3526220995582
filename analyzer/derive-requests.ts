import { createHash, randomUUID } from 'node:crypto'
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { tableFiles } from '../schemas/tape.ts'
import { removeAbandoned, temporaryName } from '../schemas/temporary.ts'
import { checkColumns, checkEvents } from './check-cells.ts'
import { damagedAmong } from './decode/damaged.ts'
import { MESSAGES_VERSION } from './decode/messages-table.ts'
import { type Model, statementsOf } from './models.ts'
import { ORIGIN, originOf } from './origin.ts'
import { readParquet } from './parquet.ts'
import { quoted } from './quoted.ts'
import type { Shard } from './runs.ts'
import { emptyTable, messagesOf, readsOf, runsTable, unionOf } from './tape-relations.ts'
import { openWorkshop } from './workshop.ts'

export type Wanted = {
  shard: Shard
  /** The digest of what counted the tokens of its messages; undefined where nothing did. */
  tokenizer: string | undefined
  /** The Parquet files of its messages, decoded by then. */
  messages(): Promise<string[]>
}

export type Surroundings = {
  models: Model[]
  tokenSource: string
  /** Where to put what may not or cannot stand beside the tape. */
  scratch: string
  /** The connection that will read the files. */
  connection: DuckDBConnection
  /** Derive them even where that has been done. */
  anew?: boolean
}

/** A tape's requests as a Parquet file, their instants since the tape's own zero. */
export type RequestsFile = { shard: Shard; path: string; columns: string[] }

/** The layers below requests, and requests: what its rows depend on. */
const UP_TO_REQUESTS = /^(1_raw|2_messages)$/

/**
 * The requests of each tape, derived where that has not been done.
 *
 * They are a projection: kept in `derived/` under a digest of the SQL that makes them and of what counted
 * their tokens, so that other SQL never finds them. What cannot be kept is made again each time.
 *
 * @throws UserError when a file of a tape is damaged
 */
export async function materialiseRequests(
  wanted: Wanted[],
  around: Surroundings,
): Promise<RequestsFile[]> {
  const files: RequestsFile[] = []
  for (const tape of wanted) files.push(await fileOf(tape, around))
  return files
}

/** Columns that are instants; a gap or a sum is a time between two. */
const INSTANT = /(?<!_gap|_sum)_ns$/

/** What a file has beside the columns of `requests`. */
const OWN: readonly string[] = [...ORIGIN, 'token_source']

/** The SELECT that reads them as requests of their run. */
export function selectRequests({ shard, path, columns }: RequestsFile): string {
  const isInstant = (name: string): boolean => INSTANT.test(name) && !OWN.includes(name)
  const instants = shard.offsetNs > 0n ? columns.filter(isInstant) : []
  const shifted = instants.map(name => `${name} + ${shard.offsetNs} as ${name}`)
  const replace = shifted.length > 0 ? ` replace (${shifted.join(', ')})` : ''
  return `select * exclude (${OWN.join(', ')})${replace} from ${readParquet(path)}`
}

async function fileOf(wanted: Wanted, around: Surroundings): Promise<RequestsFile> {
  const { shard } = wanted
  const name = `requests-${keyOf(wanted, around)}.parquet`
  const kept = join(shard.path, 'derived', name)
  const sealed = shard.manifest.state === 'sealed'
  if (sealed && !around.anew && existsSync(kept)) {
    const columns = await columnsOf(kept, around.connection)
    if (columns) return { shard, path: kept, columns }
  }
  const made = join(around.scratch, `${randomUUID()}.parquet`)
  await derive(made, wanted, around)
  const path = sealed && keep(made, kept) ? kept : made
  return { shard, path, columns: (await columnsOf(path, around.connection))! }
}

/** What a tape's requests follow from, beside its own files. */
function keyOf({ tokenizer }: Wanted, { models, tokenSource }: Surroundings): string {
  const hash = createHash('sha256')
  for (const part of [String(MESSAGES_VERSION), OWN.join(), tokenizer ?? 'none', tokenSource])
    hash.update(`${part}\0`)
  for (const { sql } of statementsUpTo(models)) hash.update(`${sql}\0`)
  return hash.digest('hex').slice(0, 12)
}

const statementsUpTo = (models: Model[]) =>
  statementsOf(
    models.filter(({ layer, name }) => UP_TO_REQUESTS.test(layer) || name === 'requests'),
  )

/** The columns of a whole file, or undefined where it is none. */
async function columnsOf(
  path: string,
  connection: DuckDBConnection,
): Promise<string[] | undefined> {
  try {
    const rows = await connection.runAndReadAll(`describe from ${readParquet(path)}`)
    return rows.getRowsJS().map(([name]) => String(name))
  } catch {
    return undefined
  }
}

async function derive(target: string, wanted: Wanted, around: Surroundings): Promise<void> {
  const shard = { ...wanted.shard, offsetNs: 0n }
  const messages = await wanted.messages()
  const { connection, close } = await openWorkshop(around.scratch)
  try {
    await checkTape(shard, connection)
    await connection.run(runsTable([{ ...shard, tornFiles: 0, tokenizerId: undefined }]))
    for (const table of Object.keys(TABLES) as TableName[])
      await connection.run(
        `create view _${table} as ${unionOf([emptyTable(TABLES[table]), ...readsOf(shard, table)])}`,
      )
    await connection.run(`create view _messages as ${messagesOf([shard], [messages])}`)
    await connection.run(`set variable token_source = ${quoted(around.tokenSource)}`)
    for (const { sql } of statementsUpTo(around.models)) await connection.run(sql)
    const origin = originOf(shard.manifest, wanted.tokenizer)
    await connection.run(
      `copy (select *, ${origin}, ${quoted(around.tokenSource)} as token_source from requests order by request_id)
       to ${quoted(target)} (format parquet, parquet_version v2, compression zstd)`,
    )
  } catch (error) {
    throw await damagedAmong([shard.path], error, connection)
  } finally {
    close()
  }
}

/** Refuses rows that no request can be made of; the events of a tape that is decoded were checked there. */
async function checkTape({ path, manifest }: Shard, connection: DuckDBConnection): Promise<void> {
  const sealed = (table: TableName) =>
    tableFiles(path, table).filter(({ state }) => state === 'sealed')
  for (const file of sealed('requests')) await checkColumns(file.path, ['request_id'], connection)
  // What was imported may have happened at no known time.
  if (manifest.imported)
    for (const file of sealed('events'))
      await checkEvents(file.path, ['request_id', 'kind'], connection)
}

/** Puts a file beside the tape, whole or not at all; false where that cannot be. */
function keep(made: string, kept: string): boolean {
  const beside = temporaryName(kept)
  try {
    removeAbandoned(dirname(kept))
    copyFileSync(made, beside)
    renameSync(beside, kept)
    rmSync(made)
    return true
  } catch {
    // A folder of others, a full disk: the answer is the same without it.
    if (existsSync(beside)) rmSync(beside)
    return false
  }
}
