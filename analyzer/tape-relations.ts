import type { Manifest } from '../schemas/manifest.ts'
import type { Table } from '../schemas/tables.ts'
import { quoted } from './quoted.ts'

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

export type OpenRun = {
  path: string
  manifest: Manifest
  tornFiles: number
  tokenizerId: string | undefined
}

/** The statement that creates `_runs` from the manifests. */
export function runsTable(runs: OpenRun[]): string {
  const rows = runs.map(({ path, manifest: run, tornFiles, tokenizerId }) => [
    text(run.run_id),
    text(path),
    text(run.state),
    `${run.started_at_unix_ns}::bigint`,
    run.ended_ns === undefined ? 'null::bigint' : `${run.ended_ns}::bigint`,
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
  ])
  return `create table _runs as from (values ${rows.map(row => `(${row.join(', ')})`).join(', ')})
    as t(run_id, tape, state, started_at_unix_ns, ended_ns, outcome, model, endpoint_type, streaming,
         lanes, seed, keep, torn_files, tokenizer_id, plan)`
}

const text = (value: string | undefined): string =>
  value === undefined ? 'null::varchar' : quoted(value)
