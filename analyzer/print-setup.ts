import { existsSync, rmSync } from 'node:fs'
import { UserError } from '../schemas/errors.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { DuckDBInstance } from './duckdb.ts'
import { createModels } from './models.ts'
import { QUANTILES, type Tapes } from './open-tapes.ts'
import { quoted } from './quoted.ts'
import { emptyTable, messagesOf, readsOf, unionOf } from './tape-relations.ts'

/**
 * Plain SQL that builds the same relations in any DuckDB: the command line's, Python's, a BI tool's.
 *
 * It reads the tapes' Parquet files and the messages decoded from them, under `derived/`; `requests` is made
 * from these, so that nothing else of ours must be there.
 *
 * @throws UserError for a tape that is not sealed, whose live files only this program can read; or whose
 *   messages cannot be kept
 */
export async function setupSql(tapes: Tapes): Promise<string> {
  const statements = await setupStatements(tapes)
  return `-- The relations of tokentape over these tapes, for any DuckDB: duckdb -init setup.sql
${statements.map(statement => `${statement};\n`).join('\n')}`
}

/**
 * Writes a DuckDB file in which the relations are.
 *
 * @throws UserError as `setupSql`, and where there is a file already
 */
export async function writeDatabase(path: string, tapes: Tapes): Promise<void> {
  if (existsSync(path))
    throw new UserError(`--database: ${path} is already there`, 'name a file that is not')
  const statements = await setupStatements(tapes)
  const instance = await DuckDBInstance.create(path)
  try {
    const connection = await instance.connect()
    for (const statement of statements) await connection.run(statement)
    connection.closeSync()
  } catch (error) {
    instance.closeSync()
    rmSync(path, { force: true })
    rmSync(`${path}.wal`, { force: true })
    throw error
  }
  instance.closeSync()
}

async function setupStatements(tapes: Tapes): Promise<string[]> {
  const shards = tapes.runs.flatMap(run => run.shards)
  for (const { path, manifest } of shards)
    if (manifest.state !== 'sealed')
      throw new UserError(`${path}: is not sealed`, `tokentape seal ${path}`)
  const files = await tapes.messageFiles()
  for (const [i, { path }] of shards.entries())
    if (files[i]!.some(file => !file.startsWith(path)))
      throw new UserError(
        `${path}: its messages cannot be kept beside it, so no other DuckDB can read them`,
        'copy the tape to where you may write',
      )
  const statements = [await valuesOf('_runs', tapes)]
  for (const table of Object.keys(TABLES) as TableName[]) {
    const reads = shards.flatMap(shard => readsOf(shard, table))
    statements.push(`create view _${table} as ${unionOf([emptyTable(TABLES[table]), ...reads])}`)
  }
  statements.push(`create view _messages as ${messagesOf(shards, files)}`)
  const asked = `select getvariable('token_source') as source`
  const [row] = await tapes.query(asked)
  statements.push(`set variable token_source = ${quoted(String(row!['source']))}`)
  // A variable lives as long as its session, the relations longer.
  const quantiles = `coalesce(getvariable('quantiles'), [${QUANTILES.join(', ')}])`
  const models = tapes.models.map(model => ({
    ...model,
    sql: model.sql.replaceAll(`getvariable('quantiles')`, quantiles),
  }))
  await createModels({ run: async sql => void statements.push(sql.trim()) }, models)
  return statements
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
