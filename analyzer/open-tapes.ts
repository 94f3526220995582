import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { arrowScan, type ScanEnds } from '../schemas/arrow-scan.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { readManifest, tableFiles } from '../schemas/tape.ts'
import { damaged } from './decode/decode-to.ts'
import { materialiseMessages, scratchFolder } from './decode/materialise.ts'
import { MESSAGES } from './decode/messages-table.ts'
import type { TokenCounter } from './decode/tokens.ts'
import { checkFile } from './foreign-file.ts'
import { createModels, type Metric, metricsOf, readModels } from './models.ts'
import { quoted } from './quoted.ts'
import { plainRow, type Row } from './rows.ts'
import { type Run, runsOf, type Shard } from './runs.ts'
import { emptyTable, runsTable, selectFrom, unionOf } from './tape-relations.ts'

export type OpenOptions = {
  /** Where notes go. */
  err(text: string): void
  /** What counts the tokens of a run; undefined where nothing can. */
  tokenizerOf?(manifest: Manifest): (TokenCounter & { id: string }) | undefined
  /** Whose token counts come first. */
  tokenSource?: 'client' | 'server'
}

/** Tapes as relations of one in-memory database. */
export type Tapes = {
  /** The database itself, for what `query` cannot do. */
  connection: DuckDBConnection
  query(sql: string): Promise<Row[]>
  /** In the order in which they were named. */
  runs: Run[]
  metrics: Metric[]
  close(): void
}

/** The quantiles that are set until a report asks for others. */
const QUANTILES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]

/**
 * Opens tapes for analysis: checks their files, decodes what has not been decoded, creates the models.
 *
 * @throws UserError when a path is no tape, or a file in it is foreign, cut or damaged;
 *   when a run is named twice, or shards do not belong together
 */
export async function openTapes(paths: string[], options: OpenOptions): Promise<Tapes> {
  const runs = runsOf(paths.map(path => ({ path, manifest: readManifest(path) })))
  const scratch = scratchFolder()
  const instance = await DuckDBInstance.create(':memory:', {
    temp_directory: scratch,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  const close = (): void => {
    connection.closeSync()
    instance.closeSync()
    rmSync(scratch, { recursive: true, force: true })
  }
  try {
    const ends: ScanEnds = new Map()
    connection.registerTableFunction(arrowScan(ends, { ...TABLES, messages: MESSAGES }))
    await connect(runs, { connection, scratch, ends, options })
    const models = readModels()
    await createModels(connection, models)
    return {
      connection,
      query: async sql => (await connection.runAndReadAll(sql)).getRowObjectsJS().map(plainRow),
      runs,
      metrics: metricsOf(models),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

type Session = {
  connection: DuckDBConnection
  scratch: string
  ends: ScanEnds
  options: OpenOptions
}

/** Creates the relations that the raw layer reads: `_runs`, `_events`, `_requests`, `_health`, `_messages`. */
async function connect(runs: Run[], session: Session): Promise<void> {
  const { connection, options } = session
  const parts = { events: [], requests: [], health: [], messages: [] } as Record<string, string[]>
  const shards = runs.flatMap(run => run.shards)
  const tokenizers = new Map<Shard, (TokenCounter & { id: string }) | undefined>()
  for (const shard of shards) {
    const { manifest } = shard
    await readRaw(shard, session, parts)
    // A tape without text has nothing to count: its answers are rows of x.
    tokenizers.set(shard, manifest.keep === 'timing' ? undefined : options.tokenizerOf?.(manifest))
  }
  const files = await materialiseMessages(
    shards.map(({ path, manifest }, i) => ({
      tape: path,
      sealed: manifest.state === 'sealed',
      tokenizer: tokenizers.get(shards[i]!),
    })),
    { connection, scratch: session.scratch, err: options.err },
  )
  const opened = shards.map((shard, i) => {
    for (const file of files[i]!)
      parts['messages']!.push(selectFrom(`read_parquet(${quoted(file)})`, shard, true))
    const torn = [...session.ends].filter(
      ([file, end]) => dirname(file) === join(shard.path) && end.torn,
    )
    noteState(shard.path, shard.manifest, torn, options.err)
    return { ...shard, tornFiles: torn.length, tokenizerId: tokenizers.get(shard)?.id }
  })
  await connection.run(runsTable(opened))
  for (const table of Object.keys(TABLES) as TableName[]) {
    const relation = table === 'requests' || table === 'health' ? 'table' : 'view'
    const union = unionOf([emptyTable(TABLES[table]), ...parts[table]!])
    await connection.run(`create ${relation} _${table} as ${union}`).catch(error => {
      throw damaged(shards.map(({ path }) => path).join(', '), error)
    })
  }
  await connection.run(
    `create view _messages as ${unionOf([emptyTable(MESSAGES), ...parts['messages']!])}`,
  )
  await connection.run(`set variable quantiles = [${QUANTILES.join(', ')}]`)
  await connection.run(`set variable token_source = ${quoted(options.tokenSource ?? 'client')}`)
}

/** Checks the files of a tape and adds the SELECTs that read them. */
async function readRaw(
  shard: Shard,
  { connection }: Session,
  parts: Record<string, string[]>,
): Promise<void> {
  for (const table of Object.keys(TABLES) as TableName[])
    for (const source of tableFiles(shard.path, table)) {
      await checkFile(source, table, shard.manifest, connection)
      const reader =
        source.state === 'sealed'
          ? `read_parquet(${quoted(source.path)})`
          : `read_arrow_log(${quoted(source.path)}, '${table}')`
      parts[table]!.push(selectFrom(reader, shard, 'at_ns' in TABLES[table]))
      // Small and read often; and a live file must be read to its end to know where that is.
      if (source.state === 'live') await connection.run(`select count(*) from ${reader}`)
    }
}

function noteState(
  path: string,
  { state }: Manifest,
  torn: [string, { torn?: string; rows: number }][],
  err: (text: string) => void,
): void {
  if (state === 'recording')
    err(`note: ${path}: not sealed: read as it is; to seal it: tokentape seal ${path}\n`)
  for (const [file, end] of torn)
    err(`note: ${file}: ${end.torn}; the ${end.rows} rows before that are read\n`)
}
