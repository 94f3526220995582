import { createHash, randomUUID } from 'node:crypto'
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { removeAbandoned, temporaryName } from '../schemas/temporary.ts'
import { damagedAmong } from './decode/damaged.ts'
import { MESSAGES, MESSAGES_VERSION } from './decode/messages-table.ts'
import { type Model, statementsOf } from './models.ts'
import { readParquet } from './parquet.ts'
import { quoted } from './quoted.ts'
import type { Shard } from './runs.ts'
import { emptyTable, readsOf, runsTable, selectFrom, unionOf } from './tape-relations.ts'
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

/** The SELECT that reads them as requests of their run. */
export function selectRequests({ shard, path, columns }: RequestsFile): string {
  const instants = shard.offsetNs > 0n ? columns.filter(name => INSTANT.test(name)) : []
  const shifted = instants.map(name => `${name} + ${shard.offsetNs} as ${name}`)
  const replace = shifted.length > 0 ? ` replace (${shifted.join(', ')})` : ''
  return `select *${replace} from ${readParquet(path)}`
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
  for (const part of [String(MESSAGES_VERSION), tokenizer ?? 'none', tokenSource])
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
    await connection.run(runsTable([{ ...shard, tornFiles: 0, tokenizerId: undefined }]))
    for (const table of Object.keys(TABLES) as TableName[])
      await connection.run(
        `create view _${table} as ${unionOf([emptyTable(TABLES[table]), ...readsOf(shard, table)])}`,
      )
    const selects = messages.map(file => selectFrom(readParquet(file), shard, ['at_ns']))
    await connection.run(`create view _messages as ${unionOf([emptyTable(MESSAGES), ...selects])}`)
    await connection.run(`set variable token_source = ${quoted(around.tokenSource)}`)
    for (const { sql } of statementsUpTo(around.models)) await connection.run(sql)
    await connection.run(
      `copy (from requests order by request_id) to ${quoted(target)}
       (format parquet, parquet_version v2, compression zstd)`,
    )
  } catch (error) {
    throw await damagedAmong([shard.path], error, connection)
  } finally {
    close()
  }
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
