import { TABLES, type Table, type TableName } from '../schemas/tables.ts'
import { tableFiles } from '../schemas/tape.ts'
import { MESSAGES } from './decode/messages-table.ts'
import { INSTANTS } from './instants.ts'
import { ORIGIN } from './origin.ts'
import { readParquet } from './parquet.ts'
import { quoted } from './quoted.ts'
import type { Shard } from './runs.ts'

const TYPES: Record<string, string> = {
  kind: 'varchar',
  uint16: 'usmallint',
  uint32: 'uinteger',
  int64: 'bigint',
  text: 'varchar',
  bytes: 'blob',
  'uint32[]': 'uinteger[]',
}

/** A SELECT without rows, which gives a union its columns and types where a tape has no file. */
export const emptyTable = (table: Table): string => {
  const columns = Object.entries(table).map(
    ([name, [type]]) => `null::${TYPES[type.replace('?', '')]} as ${name}`,
  )
  return `select null::varchar as run_id, ${columns.join(', ')} where false`
}

export const unionOf = (selects: string[]): string => selects.join(' union all by name ')

export type OpenShard = Shard & { tornFiles: number; tokenizerId: string | undefined }

/** The statement that creates `_runs`, a row for each tape, from the manifests. */
export function runsTable(shards: OpenShard[]): string {
  const rows = shards.map(({ path, manifest: run, offsetNs, tornFiles, tokenizerId }) => [
    text(run.run_id),
    `${run.shard.index}::bigint`,
    `${run.shard.of}::bigint`,
    text(path),
    text(run.state),
    `${run.started_at_unix_ns}::bigint`,
    `${offsetNs}::bigint`,
    run.ended_ns === undefined ? 'null::bigint' : `${BigInt(run.ended_ns) + offsetNs}::bigint`,
    text(run.outcome),
    text(run.endpoint.model),
    text(run.endpoint.type),
    String(run.endpoint.streaming),
    String(run.lanes),
    String(run.seed),
    text(run.keep),
    String(tornFiles),
    text(tokenizerId),
    text(JSON.stringify(run.plan)),
    text(run.dataset.kind),
    Number.isSafeInteger(run.host['cores']) ? `${run.host['cores']}::bigint` : 'null::bigint',
    text(run.imported?.tool),
    String(run.imported?.starts_known ?? true),
    text(run.imported?.chunk),
  ])
  return `create table _runs as from (values ${rows.map(row => `(${row.join(', ')})`).join(', ')})
    as t(run_id, shard_index, shard_of, tape, state, started_at_unix_ns, offset_ns, ended_ns, outcome,
         model, endpoint_type, streaming, lanes, seed, keep, torn_files, tokenizer_id, plan, dataset_kind,
         cores, imported_from, starts_known, imported_chunk)`
}

/** Rows of one tape as they are of its run: with its name, and instants since the run's zero. */
export const selectFrom = (
  reader: string,
  { manifest, offsetNs }: Shard,
  instants: readonly string[],
): string => {
  const moved = instants.map(name => `${name} + ${offsetNs} as ${name}`)
  const shift = moved.length > 0 && offsetNs > 0n ? ` replace (${moved.join(', ')})` : ''
  return `select ${quoted(manifest.run_id)} as run_id, *${shift} from ${reader}`
}

/** The SELECTs that read a table's files of one tape. */
export const readsOf = (shard: Shard, table: TableName): string[] =>
  tableFiles(shard.path, table).map(({ path, state }) => {
    const reader =
      state === 'sealed' ? readParquet(path) : `read_arrow_log(${quoted(path)}, '${table}')`
    return selectFrom(
      reader,
      shard,
      INSTANTS.filter(name => name in TABLES[table]),
    )
  })

/** The SELECT of `_messages` over the messages of each tape: decoded, or a file of the tape where it was imported. */
export const messagesOf = (shards: Shard[], files: string[][]): string =>
  unionOf([
    emptyTable(MESSAGES),
    ...shards.flatMap((shard, i) =>
      files[i]!.map(file => {
        const reader = readParquet(file)
        // A file that is part of an imported tape has none of them.
        const others = ['run_id', 'lane', ...ORIGIN].map(quoted).join(', ')
        const own = `(select columns(lambda name: name not in (${others})) from ${reader})`
        return selectFrom(own, shard, ['at_ns'])
      }),
    ),
  ])

const text = (value: string | undefined): string =>
  value === undefined ? 'null::varchar' : quoted(value)
