import type { DuckDBConnection } from '@duckdb/node-api'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { damagedAmong } from './decode/damaged.ts'
import { materialiseMessages } from './decode/materialise.ts'
import type { TokenCounter } from './decode/tokens.ts'
import { materialiseRequests, type RequestsFile, selectRequests } from './derive-requests.ts'
import type { LazyRelation } from './lazy-relations.ts'
import type { Model } from './models.ts'
import type { Shard } from './runs.ts'
import { emptyTable, messagesOf, readsOf, unionOf } from './tape-relations.ts'
import { openWorkshop } from './workshop.ts'

type Counter = (TokenCounter & { id: string }) | undefined

export type Session = {
  connection: DuckDBConnection
  scratch: string
  err(text: string): void
  models: Model[]
  tokenSource: string
}

/**
 * What the models read of tapes: `_events`, `_requests`, `_health`, `_messages`, and `requests` itself, which
 * is derived once a tape and read from then on.
 *
 * @param counters  what counts the tokens of each tape
 */
export function projections(
  shards: Shard[],
  counters: Counter[],
  session: Session,
): { relations: LazyRelation[]; messageFiles(): Promise<string[][]> } {
  const { connection, scratch } = session
  let decoded: Promise<string[][]> | undefined
  const messageFiles = (): Promise<string[][]> => {
    decoded ??= decode(shards, counters, session)
    return decoded
  }
  const reading = (sql: string): Promise<unknown> =>
    connection.run(sql).catch(async error => {
      throw await damagedAmong(
        shards.map(({ path }) => path),
        error,
        connection,
      )
    })
  const relation = (name: string, make: () => Promise<unknown>): LazyRelation => ({
    name,
    reads: [],
    make,
  })
  const raw = (Object.keys(TABLES) as TableName[]).map(table =>
    relation(`_${table}`, () => {
      const kind = table === 'events' ? 'view' : 'table'
      const reads = shards.flatMap(shard => readsOf(shard, table))
      return reading(
        `create ${kind} _${table} as ${unionOf([emptyTable(TABLES[table]), ...reads])}`,
      )
    }),
  )
  const messages = relation('_messages', async () =>
    reading(`create view _messages as ${messagesOf(shards, await messageFiles())}`),
  )
  const requests = relation('requests', async () => {
    const wanted = shards.map((shard, i) => ({
      shard,
      tokenizer: counters[i]?.digest,
      messages: async () => (await messageFiles())[i]!,
    }))
    const create = (files: RequestsFile[]): Promise<unknown> =>
      connection.run(`create table requests as ${unionOf(files.map(selectRequests))}`)
    const around = { ...session, scratch }
    try {
      await create(await materialiseRequests(wanted, around))
    } catch (error) {
      if (error instanceof Error && error.name === 'UserError') throw error
      // What was kept has been damaged: it is only a projection.
      await create(await materialiseRequests(wanted, { ...around, anew: true }))
    }
  })
  return { relations: [...raw, messages, requests], messageFiles }
}

async function decode(
  shards: Shard[],
  counters: Counter[],
  { scratch, err }: Session,
): Promise<string[][]> {
  const workshop = await openWorkshop(scratch)
  try {
    return await materialiseMessages(
      shards.map(({ path, manifest }, i) => ({
        tape: path,
        manifest,
        tokenizer: counters[i],
      })),
      { connection: workshop.connection, scratch, err },
    )
  } finally {
    workshop.close()
  }
}
