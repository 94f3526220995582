import { rmSync } from 'node:fs'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { arrowScan, type ScanEnds } from '../schemas/arrow-scan.ts'
import { UserError } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { readManifest, tableFiles } from '../schemas/tape.ts'
import { damaged, materialiseMessages, scratchFolder } from './decode/materialise.ts'
import { MESSAGES } from './decode/messages-table.ts'
import type { TokenCounter } from './decode/tokens.ts'
import { checkFile } from './foreign-file.ts'
import { createModels, type Metric, metricsOf, readModels } from './models.ts'
import { quoted } from './quoted.ts'
import { plainRow, type Row } from './rows.ts'
import { emptyTable, runsTable, unionOf } from './tape-relations.ts'

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
  query(sql: string): Promise<Row[]>
  manifests: Manifest[]
  metrics: Metric[]
  close(): void
}

/** The quantiles that are set until a report asks for others. */
const QUANTILES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]

/**
 * Opens tapes for analysis: checks their files, decodes what has not been decoded, creates the models.
 *
 * @throws UserError when a path is no tape, or a file in it is foreign, cut or damaged
 */
export async function openTapes(paths: string[], options: OpenOptions): Promise<Tapes> {
  const tapes = paths.map(path => ({ path, manifest: readManifest(path) }))
  refuseTwice(tapes)
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
    await connect(tapes, { connection, scratch, ends, options })
    const models = readModels()
    await createModels(connection, models)
    return {
      query: async sql => (await connection.runAndReadAll(sql)).getRowObjectsJS().map(plainRow),
      manifests: tapes.map(({ manifest }) => manifest),
      metrics: metricsOf(models),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

type Tape = { path: string; manifest: Manifest }

function refuseTwice(tapes: Tape[]): void {
  const seen = new Map<string, string>()
  for (const { path, manifest } of tapes) {
    const earlier = seen.get(manifest.run_id)
    if (earlier !== undefined)
      throw new UserError(
        `${path}: the run ${manifest.run_id} is already there from ${earlier}`,
        'name each run once',
      )
    seen.set(manifest.run_id, path)
  }
}

type Session = {
  connection: DuckDBConnection
  scratch: string
  ends: ScanEnds
  options: OpenOptions
}

/** Creates the relations that the raw layer reads: `_runs`, `_events`, `_requests`, `_health`, `_messages`. */
async function connect(tapes: Tape[], session: Session): Promise<void> {
  const { connection, options } = session
  const parts = { events: [], requests: [], health: [], messages: [] } as Record<string, string[]>
  const runs = []
  for (const { path, manifest } of tapes) {
    // A tape without text has nothing to count: its answers are rows of x.
    const tokenizer = manifest.keep === 'timing' ? undefined : options.tokenizerOf?.(manifest)
    const runId = `${quoted(manifest.run_id)} as run_id`
    for (const table of Object.keys(TABLES) as TableName[])
      for (const source of tableFiles(path, table)) {
        await checkFile(source, table, manifest, connection)
        const reader =
          source.state === 'sealed'
            ? `read_parquet(${quoted(source.path)})`
            : `read_arrow_log(${quoted(source.path)}, '${table}')`
        parts[table]!.push(`select ${runId}, * from ${reader}`)
        // Small and read often; and a live file must be read to its end to know where that is.
        if (source.state === 'live') await connection.run(`select count(*) from ${reader}`)
      }
    const files = await materialiseMessages({
      tape: path,
      sealed: manifest.state === 'sealed',
      connection,
      tokenizer,
      err: options.err,
      scratch: session.scratch,
    })
    for (const file of files)
      parts['messages']!.push(`select ${runId}, * from read_parquet(${quoted(file)})`)
    const torn = [...session.ends].filter(([file, end]) => file.startsWith(path) && end.torn)
    noteState(path, manifest, torn, options.err)
    runs.push({ path, manifest, tornFiles: torn.length, tokenizerId: tokenizer?.id })
  }
  await connection.run(runsTable(runs))
  for (const table of Object.keys(TABLES) as TableName[]) {
    const relation = table === 'requests' || table === 'health' ? 'table' : 'view'
    const union = unionOf([emptyTable(TABLES[table]), ...parts[table]!])
    await connection.run(`create ${relation} _${table} as ${union}`).catch(error => {
      throw damaged(tapes.map(({ path }) => path).join(', '), error)
    })
  }
  await connection.run(
    `create view _messages as ${unionOf([emptyTable(MESSAGES), ...parts['messages']!])}`,
  )
  await connection.run(`set variable quantiles = [${QUANTILES.join(', ')}]`)
  await connection.run(`set variable token_source = ${quoted(options.tokenSource ?? 'client')}`)
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
