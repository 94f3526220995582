import { UserError } from '../schemas/errors.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { tableFiles } from '../schemas/tape.ts'
import { createModels, readModels } from './models.ts'
import type { Tapes } from './open-tapes.ts'
import { quoted } from './quoted.ts'
import { emptyTable, selectFrom, unionOf } from './tape-relations.ts'

/**
 * Plain SQL that builds the same relations in any DuckDB: the command line's, Python's, a BI tool's.
 *
 * It reads the tapes' Parquet files and the messages decoded from them, under `derived/`.
 *
 * @throws UserError for a tape that is not sealed: only this program can read its live files
 */
export async function setupSql(tapes: Tapes): Promise<string> {
  const statements = [
    '-- The relations of tokentape over these tapes, for any DuckDB: duckdb -init setup.sql',
  ]
  statements.push(await valuesOf('_runs', tapes))
  for (const table of Object.keys(TABLES) as TableName[]) {
    const selects = tapes.runs
      .flatMap(run => run.shards)
      .flatMap(shard =>
        tableFiles(shard.path, table).map(({ path, state }) => {
          if (state === 'live')
            throw new UserError(`${shard.path}: is not sealed`, `tokentape seal ${shard.path}`)
          return selectFrom(`read_parquet(${quoted(path)})`, shard, 'at_ns' in TABLES[table])
        }),
      )
    statements.push(`create view _${table} as ${unionOf([emptyTable(TABLES[table]), ...selects])}`)
  }
  const [messages] = await tapes.query(
    `select sql from duckdb_views() where view_name = '_messages'`,
  )
  statements.push(String(messages!['sql']).replace(/;\s*$/, ''))
  for (const name of ['quantiles', 'token_source']) {
    const [row] = await tapes.query(`select format('{}', getvariable('${name}')) as value`)
    const value = String(row!['value'])
    statements.push(`set variable ${name} = ${value.startsWith('[') ? value : quoted(value)}`)
  }
  const recorder = { run: async (sql: string) => void statements.push(sql.trim()) }
  await createModels(recorder, readModels())
  return `${statements.join(';\n\n')};\n`
}

/** A table as the statement that makes it again. */
async function valuesOf(table: string, tapes: Tapes): Promise<string> {
  const columns = await tapes.query(
    `select column_name as name, column_type as type from (describe ${table})`,
  )
  const cells = columns.map(({ name }) => `${name}::varchar as ${name}`)
  const rows = await tapes.query(`select ${cells.join(', ')} from ${table}`)
  const lines = rows.map(row => {
    const values = columns.map(({ name, type }) => {
      const value = row[String(name)]
      return `${value === null ? 'null' : quoted(String(value))}::${type}`
    })
    return `(${values.join(', ')})`
  })
  const names = columns.map(({ name }) => name).join(', ')
  return `create table ${table} as from (values ${lines.join(',\n')}) as t(${names})`
}
